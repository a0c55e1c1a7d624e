using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Security;

/// <summary>One entry of <c>to</c>.</summary>
public sealed record AuthorizationTo
{
    /// <summary>What is asked.</summary>
    [Required]
    public AuthorizationOperation? Operation { get; init; }
}
