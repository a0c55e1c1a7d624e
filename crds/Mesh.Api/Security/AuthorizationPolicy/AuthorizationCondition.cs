using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Security;

/// <summary>A condition on one attribute of the request.</summary>
public sealed record AuthorizationCondition
{
    /// <summary>
    /// The attribute: <c>request.headers[x]</c>, <c>source.ip</c>, <c>request.auth.claims[a][b]</c>,
    /// <c>destination.port</c>, <c>connection.sni</c> and others.
    /// </summary>
    [Required]
    public string? Key { get; init; }

    /// <summary>Values of which it must have one; exact, <c>*</c> any, <c>a*</c>, <c>*a</c>. Either these or <c>notValues</c>.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>Values it must not have.</summary>
    public IReadOnlyList<string> NotValues { get; init; } = [];
}
