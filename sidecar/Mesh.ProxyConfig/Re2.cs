using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Mesh.Config;

/// <summary>
/// Users write RE2 (linear time, no back references, no look-around). It is carried out by .NET's NonBacktracking engine, of
/// the same class; <see cref="Re2Translator"/> bridges the notations. One known difference: a character outside the basic
/// plane counts as two, and word boundaries know all letters, not only ASCII's.
/// </summary>
public static class Re2
{
    // Compiling costs most of a millisecond, and an expression is looked at twice, by validation and by the matcher: both
    // hold the same string, and as long as it lives its expression is kept.
    private static readonly ConditionalWeakTable<string, Regex> Whole = [];
    private static readonly ConditionalWeakTable<string, Regex> Within = [];

    /// <summary>What is wrong with an expression; <c>null</c> when it compiles.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="wholeMatch">Whether it must match the whole text, or any part of it.</param>
    public static string? Problem(string pattern, bool wholeMatch = true)
    {
        try
        {
            Compile(pattern, wholeMatch);
            return null;
        }
        catch (FormatException wrong)
        {
            return wrong.Message;
        }
    }

    /// <summary>Compiles an expression that must match the whole text, or any part of it.</summary>
    /// <exception cref="FormatException">It is not RE2, or asks for what this engine does not have; says what.</exception>
    public static Regex Compile(string pattern, bool wholeMatch = true)
    {
        var compiled = wholeMatch ? Whole : Within;
        return compiled.TryGetValue(pattern, out var known) ? known : compiled.GetValue(pattern, text => CompileAnew(text, wholeMatch));
    }

    private static Regex CompileAnew(string pattern, bool wholeMatch)
    {
        var translated = new Re2Translator(pattern).Translate();
        try
        {
            return new Regex(wholeMatch ? $@"\A(?:{translated})\z" : translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (RegexParseException wrong)
        {
            throw new FormatException($"'{pattern}' is not a regular expression: {Words(wrong.Error)}", wrong);
        }
        catch (NotSupportedException wrong)
        {
            throw new FormatException($"'{pattern}' is too large or uses what RE2 does not have: {wrong.Message}", wrong);
        }
    }

    // The engine's own message shows the translated text, which the user never wrote.
    private static string Words(RegexParseError error) => error switch
    {
        RegexParseError.InsufficientClosingParentheses => "a '(' is not closed",
        RegexParseError.InsufficientOpeningParentheses => "a ')' closes nothing",
        RegexParseError.NestedQuantifiersNotParenthesized => "a repetition follows a repetition",
        RegexParseError.QuantifierAfterNothing => "a repetition follows nothing",
        RegexParseError.ReversedQuantifierRange => "a repetition ends before it begins",
        RegexParseError.InvalidUnicodePropertyEscape or RegexParseError.MalformedUnicodePropertyEscape => "an unknown Unicode class",
        _ => error.ToString(),
    };
}
