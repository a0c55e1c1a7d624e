using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>One of the places a connection may go to.</summary>
public sealed record RouteDestination
{
    /// <summary>Service, subset and port.</summary>
    [Required]
    public Destination? Destination { get; init; }

    /// <summary>Its share of connections: weight divided by the sum of all weights.</summary>
    [Range(0, int.MaxValue)]
    public int? Weight { get; init; }
}
