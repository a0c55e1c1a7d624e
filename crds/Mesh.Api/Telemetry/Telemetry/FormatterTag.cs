using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Telemetry;

/// <summary>A format as in access logs.</summary>
public sealed record FormatterTag
{
    /// <summary>The format.</summary>
    [Required]
    [StringLength(2048, MinimumLength = 1)]
    public string? Value { get; init; }
}
