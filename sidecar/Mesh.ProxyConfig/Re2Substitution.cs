using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace Mesh.Config;

/// <summary>
/// A substitution of RE2's: <c>\1</c> to <c>\9</c> stand for captures, <c>\0</c> for the whole match, <c>\\</c> for a
/// backslash. Every match in a text is substituted, from left to right.
/// </summary>
public sealed class Re2Substitution
{
    private readonly Regex expression;
    private readonly ImmutableArray<(string Literal, int Group)> pieces;

    /// <summary>Compiles.</summary>
    /// <exception cref="FormatException">Pattern or substitution is not RE2's; says which.</exception>
    public Re2Substitution(RegexRewrite rewrite)
    {
        expression = Re2.Compile(rewrite.Pattern, wholeMatch: false);
        pieces = Parse(rewrite.Substitution, expression.GetGroupNumbers().Length - 1);
    }

    /// <summary>What is wrong with the substitution of a pattern that compiles; <c>null</c> when nothing is.</summary>
    public static string? Problem(RegexRewrite rewrite)
    {
        try
        {
            _ = new Re2Substitution(rewrite);
            return null;
        }
        catch (FormatException wrong)
        {
            return wrong.Message;
        }
    }

    /// <summary>The text with every match substituted.</summary>
    public string Apply(string text)
    {
        var end = -1;
        return expression.Replace(text, match =>
        {
            // As in RE2, nothing between two matches is no match: ".*" stands for a text once, not once more for its end.
            if (match.Length == 0 && match.Index == end) return "";
            end = match.Index + match.Length;
            return Fill(match);
        });
    }

    private string Fill(Match match)
    {
        var result = new StringBuilder();
        foreach (var (literal, group) in pieces)
        {
            if (group < 0) result.Append(literal);
            else result.Append(match.Groups[group].ValueSpan);
        }

        return result.ToString();
    }

    private static ImmutableArray<(string, int)> Parse(string substitution, int groups)
    {
        var pieces = ImmutableArray.CreateBuilder<(string, int)>();
        var literal = new StringBuilder();
        for (var i = 0; i < substitution.Length; i++)
        {
            var c = substitution[i];
            if (c != '\\')
            {
                literal.Append(c);
                continue;
            }

            if (++i == substitution.Length) throw new FormatException($"'{substitution}' ends in a lone '\\'");
            switch (substitution[i])
            {
                case '\\':
                    literal.Append('\\');
                    break;
                case >= '0' and <= '9':
                    var group = substitution[i] - '0';
                    if (group > groups) throw new FormatException($"'{substitution}' asks for capture {group}, the pattern has {groups}");
                    if (literal.Length > 0) pieces.Add((literal.ToString(), -1));
                    literal.Clear();
                    pieces.Add(("", group));
                    break;
                default:
                    throw new FormatException($"'{substitution}': after '\\' comes a digit or another '\\'");
            }
        }

        if (literal.Length > 0) pieces.Add((literal.ToString(), -1));
        return pieces.ToImmutable();
    }
}
