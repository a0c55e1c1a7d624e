namespace Mesh.Api.Telemetry;

/// <summary>How access is logged.</summary>
public sealed record AccessLoggingSettings
{
    /// <summary>On which side of a call. Default: both.</summary>
    public ModeSelector? Match { get; init; }

    /// <summary>Where it is sent: names in <c>extensionProviders</c> of MeshConfig. Default: the mesh's.</summary>
    public IReadOnlyList<ProviderRef> Providers { get; init; } = [];

    /// <summary>Whether nothing is logged. Default false.</summary>
    public bool? Disabled { get; init; }

    /// <summary>Which requests are logged. Default: all.</summary>
    public AccessLoggingFilter? Filter { get; init; }
}
