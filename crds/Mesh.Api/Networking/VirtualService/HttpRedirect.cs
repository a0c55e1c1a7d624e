using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A redirection the proxy answers with; at least one of uri, prefixRewrite, authority, scheme or port is given.</summary>
[AtMostOneOf(nameof(Port), nameof(DerivePort))]
public sealed record HttpRedirect
{
    /// <summary>New path, replacing the whole path; the query is kept.</summary>
    public string? Uri { get; init; }

    /// <summary>New beginning of the path in place of the matched prefix. Excludes <c>uri</c>; the rule must match by prefix or not by path.</summary>
    public string? PrefixRewrite { get; init; }

    /// <summary>New host.</summary>
    public string? Authority { get; init; }

    /// <summary>New port; 80 and 443 are left out of the address where they are the default.</summary>
    [Port]
    public int? Port { get; init; }

    /// <summary>Where the port comes from when none is given: the scheme's default, or the request's own port.</summary>
    [AllowedValues("FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT")]
    public string? DerivePort { get; init; }

    /// <summary>New scheme: <c>http</c> or <c>https</c>.</summary>
    public string? Scheme { get; init; }

    /// <summary>Status code: 301 (default), 302, 303, 307 or 308.</summary>
    public int? RedirectCode { get; init; }
}
