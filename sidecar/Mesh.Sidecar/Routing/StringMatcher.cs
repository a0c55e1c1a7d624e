using System.Text.RegularExpressions;
using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>A compiled condition on a string. The one place where traffic meets a regular expression.</summary>
public sealed class StringMatcher
{
    private readonly StringMatchKind kind;
    private readonly string value;
    private readonly StringComparison comparison;
    private readonly Regex? regex;

    /// <summary>Compiles; the config was validated, so an expression that does not compile is a bug of ours.</summary>
    public StringMatcher(StringMatch match, bool ignoreCase = false)
    {
        kind = match.Kind;
        value = match.Value;
        comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        if (kind == StringMatchKind.Regex) regex = Re2.Compile(match.Value);
    }

    /// <summary>A matcher, or <c>null</c> where there is no condition.</summary>
    public static StringMatcher? For(StringMatch? match, bool ignoreCase = false) =>
        match is null ? null : new StringMatcher(match, ignoreCase);

    /// <summary>Whether the whole text (for a prefix: its start) is as asked.</summary>
    public bool IsMatch(ReadOnlySpan<char> text) => kind switch
    {
        StringMatchKind.Exact => text.Equals(value, comparison),
        StringMatchKind.Prefix => text.StartsWith(value, comparison),
        _ => regex!.IsMatch(text),
    };
}
