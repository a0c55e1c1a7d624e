namespace Mesh.Api.Telemetry;

/// <summary>How metrics are made.</summary>
public sealed record MetricsSettings
{
    /// <summary>Where it is sent: names in <c>extensionProviders</c> of MeshConfig. Default: the mesh's.</summary>
    public IReadOnlyList<ProviderRef> Providers { get; init; } = [];

    /// <summary>Metrics that differ.</summary>
    public IReadOnlyList<MetricsOverride> Overrides { get; init; } = [];

    /// <summary>Time between two reports of a connection that stays open. Default <c>5s</c>.</summary>
    [AtLeast("1ms")]
    public Duration? ReportingInterval { get; init; }
}
