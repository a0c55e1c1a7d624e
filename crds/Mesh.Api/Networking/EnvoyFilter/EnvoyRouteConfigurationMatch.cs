using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Which routes.</summary>
public sealed record EnvoyRouteConfigurationMatch
{
    /// <summary>Port.</summary>
    [Range(0, 4294967295d)]
    public long? PortNumber { get; init; }

    /// <summary>Name of the port.</summary>
    public string? PortName { get; init; }

    /// <summary>Gateway they are of.</summary>
    public string? Gateway { get; init; }

    /// <summary>Which virtual host.</summary>
    public EnvoyVirtualHostMatch? Vhost { get; init; }

    /// <summary>Name of the route configuration.</summary>
    public string? Name { get; init; }
}
