using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Which filters of a waypoint.</summary>
public sealed record EnvoyWaypointMatch
{
    /// <summary>Which filter.</summary>
    public EnvoyFilterMatch? Filter { get; init; }

    /// <summary>Port.</summary>
    [Range(0, 65535d)]
    public long? PortNumber { get; init; }

    /// <summary>Which route.</summary>
    public EnvoyWaypointRouteMatch? Route { get; init; }
}
