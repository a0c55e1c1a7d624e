using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>Changes of request and response headers; of each: removed, then set, then added.</summary>
public sealed record HeaderChanges
{
    /// <summary>
    /// Whether a header (lower-case name) frames a message or belongs to one connection: rules do not change it, else a message
    /// could end elsewhere for one reader than for another.
    /// </summary>
    public static bool IsOfConnection(string name) =>
        name is "connection" or "content-length" or "keep-alive" or "proxy-connection" or "te" or "transfer-encoding" or "upgrade";

    /// <summary>Request headers taken away (lower-case names).</summary>
    public ImmutableArray<string> RequestRemove { get; init; } = [];

    /// <summary>Request headers overwritten, ordered by name.</summary>
    public ImmutableArray<HeaderValue> RequestSet { get; init; } = [];

    /// <summary>Request headers added to those there, ordered by name.</summary>
    public ImmutableArray<HeaderValue> RequestAdd { get; init; } = [];

    /// <summary>Response headers taken away.</summary>
    public ImmutableArray<string> ResponseRemove { get; init; } = [];

    /// <summary>Response headers overwritten.</summary>
    public ImmutableArray<HeaderValue> ResponseSet { get; init; } = [];

    /// <summary>Response headers added.</summary>
    public ImmutableArray<HeaderValue> ResponseAdd { get; init; } = [];
}
