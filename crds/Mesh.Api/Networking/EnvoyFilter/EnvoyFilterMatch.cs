namespace Mesh.Api.Networking;

/// <summary>Which filter.</summary>
public sealed record EnvoyFilterMatch
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Which filter within it.</summary>
    public EnvoySubFilterMatch? SubFilter { get; init; }
}
