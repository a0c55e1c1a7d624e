using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A cookie that keeps a client with its endpoint.</summary>
public sealed record HttpCookie
{
    /// <summary>Its name.</summary>
    [Required]
    public string? Name { get; init; }

    /// <summary>Path it is set for.</summary>
    public string? Path { get; init; }

    /// <summary>How long it lives; <c>0s</c> = until the browser closes. Absent: the proxy never makes one.</summary>
    public Duration? Ttl { get; init; }

    /// <summary>Further attributes of a cookie the proxy makes, such as <c>SameSite</c>.</summary>
    public IReadOnlyList<HttpCookieAttribute> Attributes { get; init; } = [];
}
