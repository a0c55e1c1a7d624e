using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mesh.Config;

/// <summary>Cross-origin requests of browsers, answered and permitted by the proxy.</summary>
public sealed record CorsPolicy
{
    /// <summary>Origins that are let in: the origin of a match is echoed.</summary>
    public ImmutableArray<StringMatch> AllowOrigins { get; init; } = [];

    /// <summary>Content of Access-Control-Allow-Methods.</summary>
    public string AllowMethods { get; init; } = "";

    /// <summary>Content of Access-Control-Allow-Headers.</summary>
    public string AllowHeaders { get; init; } = "";

    /// <summary>Content of Access-Control-Expose-Headers.</summary>
    public string ExposeHeaders { get; init; } = "";

    /// <summary>How long a browser may keep the answer to a preflight.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Content of Access-Control-Allow-Credentials; <c>null</c>: not sent.</summary>
    public bool? AllowCredentials { get; init; }

    /// <summary>Preflights of other origins are answered by the proxy (without the headers that permit) rather than sent on. Default false.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AnswerUnmatchedPreflights { get; init; }
}
