using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>Conditions on one request; all given ones must hold. Selectors on the source are resolved when config is built.</summary>
public sealed record RequestMatch
{
    /// <summary>The path without query.</summary>
    public StringMatch? Path { get; init; }

    /// <summary>Compare the path without case (exact and prefix only).</summary>
    public bool IgnorePathCase { get; init; }

    /// <summary>URI scheme.</summary>
    public StringMatch? Scheme { get; init; }

    /// <summary>HTTP method, case-sensitive.</summary>
    public StringMatch? Method { get; init; }

    /// <summary>Host header as sent.</summary>
    public StringMatch? Authority { get; init; }

    /// <summary>Headers, all of which must match.</summary>
    public ImmutableArray<NamedMatch> Headers { get; init; } = [];

    /// <summary>Query parameters, all of which must match.</summary>
    public ImmutableArray<NamedMatch> QueryParameters { get; init; } = [];
}
