using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Security;

/// <summary>A header that holds a token.</summary>
public sealed record JwtHeader
{
    /// <summary>Its name.</summary>
    [Required]
    [StringLength(2048, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>What stands before the token, such as <c>Bearer </c>.</summary>
    public string? Prefix { get; init; }
}
