namespace Mesh.Api.MeshWide;

/// <summary>Providers of Telemetries that name none.</summary>
public sealed record DefaultProviders
{
    /// <summary>Of traces.</summary>
    public IReadOnlyList<string> Tracing { get; init; } = [];

    /// <summary>Of metrics.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = [];

    /// <summary>Of access logs.</summary>
    public IReadOnlyList<string> AccessLogging { get; init; } = [];
}
