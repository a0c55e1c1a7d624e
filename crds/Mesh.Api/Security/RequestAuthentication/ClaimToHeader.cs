using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Security;

/// <summary>A claim that the application gets as a header.</summary>
public sealed record ClaimToHeader
{
    /// <summary>Name of the header.</summary>
    [Required]
    [StringLength(2048, MinimumLength = 1)]
    [RegularExpression("^[-_A-Za-z0-9]+$")]
    public string? Header { get; init; }

    /// <summary>Name of the claim; <c>a.b</c> is one within another.</summary>
    [Required]
    [StringLength(2048, MinimumLength = 1)]
    public string? Claim { get; init; }
}
