using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Security;

/// <summary>One entry of <c>from</c>.</summary>
public sealed record AuthorizationFrom
{
    /// <summary>Who calls.</summary>
    [Required]
    public AuthorizationSource? Source { get; init; }
}
