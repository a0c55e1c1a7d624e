using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Extensions;

/// <summary>Which traffic.</summary>
public sealed record TrafficSelector
{
    /// <summary>On which side of a call.</summary>
    [AllowedValues("UNDEFINED", "CLIENT", "SERVER", "CLIENT_AND_SERVER")]
    public string? Mode { get; init; }

    /// <summary>To which ports. Default: all.</summary>
    [ListMapKey("number")]
    [MaxLength(256)]
    public IReadOnlyList<TrafficPort> Ports { get; init; } = [];
}
