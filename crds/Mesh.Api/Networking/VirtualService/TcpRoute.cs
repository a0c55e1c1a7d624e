namespace Mesh.Api.Networking;

/// <summary>One rule for plain TCP.</summary>
public sealed record TcpRoute
{
    /// <summary>Any of these must match; none given takes every connection.</summary>
    public IReadOnlyList<L4MatchAttributes> Match { get; init; } = [];

    /// <summary>Where the connection goes; with several, drawn by weight for each connection.</summary>
    public IReadOnlyList<RouteDestination> Route { get; init; } = [];
}
