namespace Mesh.Api.Networking;

/// <summary>Which filter within a filter.</summary>
public sealed record EnvoySubFilterMatch
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }
}
