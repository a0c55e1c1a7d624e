using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>Regular expressions of schemas and rules: searched, not anchored, in time linear in the text.</summary>
internal static class Patterns
{
    private static readonly ConcurrentDictionary<string, Regex> Compiled = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">The pattern cannot be read.</exception>
    public static Regex Of(string pattern)
    {
        // A definition brings few patterns; the bound only keeps a hostile client from growing this for ever.
        if (Compiled.Count > 4096)
            Compiled.Clear();
        return Compiled.GetOrAdd(pattern, static text => new Regex(
            // In RE2 "$" is the very end; here it would also match before a last line break.
            Regex.Replace(text, @"(?<!\\)((?:\\\\)*)\$$", @"$1\z"),
            RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
    }

    public static bool Matches(string pattern, string text) => Of(pattern).IsMatch(text);
}
