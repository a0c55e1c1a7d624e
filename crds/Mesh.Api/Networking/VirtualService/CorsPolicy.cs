using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Cross-origin requests of browsers.</summary>
public sealed record CorsPolicy
{
    /// <summary>Deprecated: use <c>allowOrigins</c>.</summary>
    public IReadOnlyList<string> AllowOrigin { get; init; } = [];

    /// <summary>Origins that may call; the one that matches is echoed back.</summary>
    public IReadOnlyList<StringMatch> AllowOrigins { get; init; } = [];

    /// <summary>Methods that may be used: <c>GET</c>, <c>POST</c>, …</summary>
    public IReadOnlyList<string> AllowMethods { get; init; } = [];

    /// <summary>Request headers that may be sent.</summary>
    public IReadOnlyList<string> AllowHeaders { get; init; } = [];

    /// <summary>Response headers a page may read.</summary>
    public IReadOnlyList<string> ExposeHeaders { get; init; } = [];

    /// <summary>How long a browser may remember the answer to its question, in whole seconds.</summary>
    public Duration? MaxAge { get; init; }

    /// <summary>Whether cookies and authorization may be sent along.</summary>
    public bool? AllowCredentials { get; init; }

    /// <summary>What happens to a preflight that no origin matches: <c>FORWARD</c> to the application (default) or <c>IGNORE</c> = answer it without CORS headers.</summary>
    [AllowedValues("UNSPECIFIED", "FORWARD", "IGNORE")]
    public string? UnmatchedPreflights { get; init; }
}
