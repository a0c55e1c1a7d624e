using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>One rule for TLS that is passed through unopened.</summary>
public sealed record TlsRoute
{
    /// <summary>Any of these must match.</summary>
    [Required]
    public IReadOnlyList<TlsMatchAttributes> Match { get; init; } = [];

    /// <summary>Where the connection goes; with several, drawn by weight for each connection.</summary>
    public IReadOnlyList<RouteDestination> Route { get; init; } = [];
}
