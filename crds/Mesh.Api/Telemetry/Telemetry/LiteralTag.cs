using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Telemetry;

/// <summary>A fixed value.</summary>
public sealed record LiteralTag
{
    /// <summary>The value.</summary>
    [Required]
    [StringLength(2048, MinimumLength = 1)]
    public string? Value { get; init; }
}
