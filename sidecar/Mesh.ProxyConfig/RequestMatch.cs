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

/// <summary>A condition on a header or query parameter.</summary>
public sealed record NamedMatch
{
    /// <summary>Header names are lower-case; parameter names as written.</summary>
    public required string Name { get; init; }

    /// <summary>Condition on the value; <c>null</c> asks only that it is present.</summary>
    public StringMatch? Value { get; init; }

    /// <summary>The condition must not hold (withoutHeaders); an absent header counts as empty.</summary>
    public bool Invert { get; init; }
}

/// <summary>A condition on a string.</summary>
public sealed record StringMatch
{
    /// <summary>How <see cref="Value"/> is compared.</summary>
    public required StringMatchKind Kind { get; init; }

    /// <summary>The text or RE2 expression.</summary>
    public required string Value { get; init; }
}

/// <summary>How a string is compared.</summary>
public enum StringMatchKind
{
    /// <summary>Equal, byte for byte.</summary>
    Exact,

    /// <summary>Starts with: a plain string prefix, <c>/foo</c> matches <c>/foobar</c>.</summary>
    Prefix,

    /// <summary>RE2 syntax; must match the whole value.</summary>
    Regex,
}
