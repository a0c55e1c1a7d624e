using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Extensions;

/// <summary>A port.</summary>
public sealed record TrafficPort
{
    /// <summary>Its number.</summary>
    [Required]
    [Range(1, 65535d)]
    public long? Number { get; init; }
}
