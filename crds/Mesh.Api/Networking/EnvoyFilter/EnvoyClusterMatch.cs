using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Which clusters.</summary>
public sealed record EnvoyClusterMatch
{
    /// <summary>Port.</summary>
    [Range(0, 4294967295d)]
    public long? PortNumber { get; init; }

    /// <summary>Service.</summary>
    public string? Service { get; init; }

    /// <summary>Subset.</summary>
    public string? Subset { get; init; }

    /// <summary>Name of the cluster.</summary>
    public string? Name { get; init; }
}
