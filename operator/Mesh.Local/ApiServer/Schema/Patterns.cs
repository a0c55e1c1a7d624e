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

    /// <summary>Why a pattern cannot be read, in the words of Go's reader where it has some; null where it can.</summary>
    public static string? Problem(string pattern)
    {
        try
        {
            Of(pattern);
            return null;
        }
        catch (RegexParseException problem)
        {
            return "error parsing regexp: " + problem.Error switch
            {
                RegexParseError.InsufficientClosingParentheses => $"missing closing ): `{pattern}`",
                RegexParseError.InsufficientOpeningParentheses => $"unexpected ): `{pattern}`",
                RegexParseError.UnterminatedBracket => $"missing closing ]: `{pattern[pattern.LastIndexOf('[')..]}`",
                RegexParseError.QuantifierAfterNothing => $"missing argument to repetition operator: `{pattern[Math.Max(0, problem.Offset - 1)..Math.Max(1, problem.Offset)]}`",
                RegexParseError.ReversedCharacterRange => $"invalid character class range: `{pattern}`",
                RegexParseError.UnrecognizedEscape => $"invalid escape sequence: `{pattern[Math.Max(0, problem.Offset - 2)..problem.Offset]}`",
                RegexParseError.UnescapedEndingBackslash => "trailing backslash at end of expression: ``",
                _ => $"{problem.Message.TrimEnd('.')}: `{pattern}`",
            };
        }
        catch (NotSupportedException)
        {
            return $"error parsing regexp: invalid or unsupported Perl syntax: `{pattern}`";
        }
    }

    public static bool Matches(string pattern, string text) => Of(pattern).IsMatch(text);
}
