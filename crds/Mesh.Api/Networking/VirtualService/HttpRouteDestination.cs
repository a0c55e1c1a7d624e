using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>One of the places a request may go to.</summary>
public sealed record HttpRouteDestination
{
    /// <summary>Service, subset and port.</summary>
    [Required]
    public Destination? Destination { get; init; }

    /// <summary>
    /// Its share: weight divided by the sum of all weights (which need not be 100). A single destination gets everything;
    /// 0 among several gets nothing.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int? Weight { get; init; }

    /// <summary>Header changes for this destination only, after those of the rule.</summary>
    public Headers? Headers { get; init; }
}
