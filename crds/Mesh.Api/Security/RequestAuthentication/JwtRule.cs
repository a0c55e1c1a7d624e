using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Security;

/// <summary>One issuer.</summary>
[AtMostOneOf(nameof(JwksUri), nameof(Jwks))]
public sealed record JwtRule
{
    /// <summary>Who issued the token (<c>iss</c>).</summary>
    [StringLength(2048)]
    public string? Issuer { get; init; }

    /// <summary>Audiences of which the token must name one. Default: any.</summary>
    [Each(MinLength = 1)]
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>Where the issuer's keys are found. Default: by OpenID discovery at the issuer.</summary>
    [StringLength(2048, MinimumLength = 1)]
    [RegularExpression(@"^https?://[^\\\s]+$", ErrorMessage = "Write https://HOST/PATH.")]
    public string? JwksUri { get; init; }

    /// <summary>The keys themselves, as JSON. Either these or <c>jwksUri</c>.</summary>
    public string? Jwks { get; init; }

    /// <summary>Headers that hold the token. Default: <c>Authorization</c> after <c>Bearer </c>.</summary>
    public IReadOnlyList<JwtHeader> FromHeaders { get; init; } = [];

    /// <summary>Query parameters that hold it. Default: <c>access_token</c>.</summary>
    [Each(MinLength = 1)]
    public IReadOnlyList<string> FromParams { get; init; } = [];

    /// <summary>Cookies that hold it.</summary>
    [Each(MinLength = 1)]
    public IReadOnlyList<string> FromCookies { get; init; } = [];

    /// <summary>Header that carries the payload of a valid token to the application, base64.</summary>
    public string? OutputPayloadToHeader { get; init; }

    /// <summary>Whether the application gets the token as well. Default false.</summary>
    public bool? ForwardOriginalToken { get; init; }

    /// <summary>Claims of a valid token that the application gets as headers.</summary>
    public IReadOnlyList<ClaimToHeader> OutputClaimToHeaders { get; init; } = [];

    /// <summary>Time to fetch keys. Default <c>5s</c>.</summary>
    [AtLeast("1ms")]
    public Duration? Timeout { get; init; }

    /// <summary>Claims that hold several values divided by blanks, beside <c>scope</c> and <c>permission</c>.</summary>
    [MaxLength(64)]
    [Each(MinLength = 1)]
    public IReadOnlyList<string> SpaceDelimitedClaims { get; init; } = [];
}
