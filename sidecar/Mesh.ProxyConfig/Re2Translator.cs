using System.Globalization;
using System.Text;

namespace Mesh.Config;

/// <summary>Rewrites one RE2 expression in .NET's notation and refuses what RE2 refuses.</summary>
internal sealed class Re2Translator(string pattern)
{
    // RE2's bound for {n,m}.
    private const int MostRepeats = 1000;

    private readonly StringBuilder result = new(pattern.Length + 16);
    private readonly Stack<bool> outerMultiline = new();
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private int at;
    private bool multiline;

    public string Translate()
    {
        while (at < pattern.Length) TranslateNext();
        return result.ToString();
    }

    private void TranslateNext()
    {
        var c = pattern[at];
        switch (c)
        {
            case '\\':
                TranslateEscape();
                break;
            case '[':
                result.Append(new Re2Class(pattern, ref at).Translate());
                break;
            case '(':
                OpenGroup();
                break;
            case ')':
                // Checked here: the group that makes the match whole would hide it.
                if (!outerMultiline.TryPop(out multiline)) throw Wrong("a ')' closes nothing");
                Keep(1);
                break;
            case '$' when !multiline:
                // .NET's $ also stands before a last newline, RE2's does not.
                result.Append(@"\z");
                at++;
                break;
            case '{':
                CheckRepeats();
                Keep(1);
                break;
            default:
                Keep(1);
                break;
        }
    }

    private void Keep(int count)
    {
        result.Append(pattern, at, count);
        at += count;
    }

    private void OpenGroup()
    {
        var rest = pattern.AsSpan(at);
        if (!rest.StartsWith("(?"))
        {
            outerMultiline.Push(multiline);
            Keep(1);
            return;
        }

        if (rest.StartsWith("(?P<") || (rest.StartsWith("(?<") && !rest.StartsWith("(?<=") && !rest.StartsWith("(?<!")))
        {
            OpenNamedGroup(rest);
            return;
        }

        OpenFlags(rest);
    }

    private void OpenNamedGroup(ReadOnlySpan<char> rest)
    {
        var start = rest.IndexOf('<') + 1;
        var length = rest[start..].IndexOf('>');
        if (length <= 0 || rest.Slice(start, length).ContainsAnyExcept(WordCharacters)) throw Wrong("a group name is letters, digits and '_' between '<' and '>'");
        if (!names.Add(rest.Slice(start, length).ToString())) throw Wrong("two groups have the same name");
        outerMultiline.Push(multiline);
        // Names are of no use to a match; numbering them away also lets a name stand that .NET would take for a number.
        result.Append('(');
        at += start + length + 1;
    }

    private void OpenFlags(ReadOnlySpan<char> rest)
    {
        var set = true;
        var within = multiline;
        for (var i = 2; i < rest.Length; i++)
        {
            switch (rest[i])
            {
                case 'i' or 's':
                    continue;
                case 'm':
                    within = set;
                    continue;
                case '-' when set:
                    set = false;
                    continue;
                case 'U':
                    throw Wrong("the flag U (lazy by default) has no meaning for a whole match; leave it out");
                case ':':
                    outerMultiline.Push(multiline);
                    multiline = within;
                    Keep(i + 1);
                    return;
                case ')' when i > 2:
                    multiline = within;
                    Keep(i + 1);
                    return;
                default:
                    throw Wrong("'(?' may be followed by 'P<name>', 'flags:' or 'flags)' only: RE2 has no look-around");
            }
        }

        throw Wrong("a '(?' is not closed");
    }

    private void TranslateEscape()
    {
        if (at + 1 == pattern.Length) throw Wrong("it ends in a lone '\\'");
        var c = pattern[at + 1];
        switch (c)
        {
            case 'd' or 'D' or 's' or 'S' or 'w' or 'W':
                result.Append('[');
                foreach (var range in Re2Class.PerlClass(c)!) Re2Class.Append(result, range);
                result.Append(']');
                at += 2;
                return;
            case 'b' or 'B' or 'A' or 'z':
                Keep(2);
                return;
            case 'p' or 'P':
                result.Append(Re2Class.UnicodeClass(pattern, ref at));
                return;
            case 'Q':
                TranslateQuoted();
                return;
            default:
                AppendLiteral(Re2Class.EscapedCharacter(pattern, ref at));
                return;
        }
    }

    private void TranslateQuoted()
    {
        var start = at + 2;
        var end = pattern.IndexOf(@"\E", start, StringComparison.Ordinal);
        foreach (var c in pattern.AsSpan(start, (end < 0 ? pattern.Length : end) - start)) AppendLiteral(c);
        at = end < 0 ? pattern.Length : end + 2;
    }

    private void AppendLiteral(int rune)
    {
        foreach (var unit in char.ConvertFromUtf32(rune)) result.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
    }

    private void CheckRepeats()
    {
        var end = pattern.IndexOf('}', at);
        if (end < 0) return;
        foreach (var range in pattern.AsSpan(at + 1, end - at - 1).Split(','))
        {
            var number = pattern.AsSpan(at + 1, end - at - 1)[range];
            if (number.ContainsAnyExceptInRange('0', '9')) return; // not a repetition: RE2 and .NET take it literally
            if (number.Length > 4 || (number.Length > 0 && int.Parse(number, CultureInfo.InvariantCulture) > MostRepeats))
                throw Wrong($"a repetition may count to {MostRepeats}");
        }
    }

    private FormatException Wrong(string why) => new($"'{pattern}' is not a regular expression: {why}");

    private static readonly System.Buffers.SearchValues<char> WordCharacters =
        System.Buffers.SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
}
