namespace Mesh.Api;

/// <summary>How a text is compared. Exactly one of the three is given; none at all (<c>{}</c>) asks only that the text is there.</summary>
[AtMostOneOf(nameof(Exact), nameof(Prefix), nameof(Regex))]
public sealed record StringMatch
{
    /// <summary>The whole text, compared byte by byte. Example: <c>/healthz</c>.</summary>
    public string? Exact { get; init; }

    /// <summary>The text's beginning, as a plain string: <c>/api</c> also begins <c>/apiary</c>.</summary>
    public string? Prefix { get; init; }

    /// <summary>A regular expression in RE2 syntax that the whole text must match, at most 1024 characters long. Example: <c>/v[0-9]+/.*</c>.</summary>
    public string? Regex { get; init; }

    /// <summary>Whether nothing is asked but presence.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsPresence => Exact is null && Prefix is null && Regex is null;
}
