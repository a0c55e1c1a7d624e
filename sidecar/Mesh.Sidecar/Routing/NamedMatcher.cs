using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>A compiled condition on a header or query parameter.</summary>
public sealed class NamedMatcher(NamedMatch match)
{
    private readonly StringMatcher? value = StringMatcher.For(match.Value);
    private readonly bool invert = match.Invert;

    /// <summary>Name of the header or parameter.</summary>
    public string Name { get; } = match.Name;

    /// <summary>
    /// Whether the condition holds for this value (<c>null</c>: absent). An absent value meets no condition; under inversion
    /// it counts as empty, so "not equal b" holds for it.
    /// </summary>
    public bool Matches(string? text)
    {
        if (!invert) return text is not null && (value is null || value.IsMatch(text));
        return value is null ? text is null : !value.IsMatch(text ?? "");
    }

    /// <summary>Whether the condition holds for the first parameter of this name; <c>?key</c> and <c>?key=</c> are both empty.</summary>
    public bool MatchesIn(ReadOnlySpan<char> query)
    {
        if (query is ['?', ..]) query = query[1..];
        foreach (var range in query.Split('&'))
        {
            var parameter = query[range];
            if (!parameter.StartsWith(Name, StringComparison.Ordinal)) continue;
            var rest = parameter[Name.Length..];
            if (rest.IsEmpty || rest[0] == '=') return (value is null || value.IsMatch(rest.IsEmpty ? rest : rest[1..])) != invert;
        }

        return invert && (value is null || !value.IsMatch(""));
    }
}
