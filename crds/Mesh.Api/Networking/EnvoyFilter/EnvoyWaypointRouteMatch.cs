namespace Mesh.Api.Networking;

/// <summary>Which route of a waypoint.</summary>
public sealed record EnvoyWaypointRouteMatch
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }
}
