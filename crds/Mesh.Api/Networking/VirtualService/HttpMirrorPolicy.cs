using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>One place that gets copies of requests.</summary>
public sealed record HttpMirrorPolicy
{
    /// <summary>Where to.</summary>
    [Required]
    public Destination? Destination { get; init; }

    /// <summary>Share of requests. Default: all; 0: none.</summary>
    public Percent? Percentage { get; init; }
}
