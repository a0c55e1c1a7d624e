using System.Globalization;
using System.Text;

namespace Mesh.Config;

/// <summary>A character class: RE2's members, ASCII names and rules, written for .NET without its subtraction.</summary>
internal ref struct Re2Class
{
    private readonly string pattern;
    private ref int at;

    public Re2Class(string pattern, ref int at)
    {
        this.pattern = pattern;
        this.at = ref at;
    }

    /// <summary>The class that starts here, a '['; moves past its ']'.</summary>
    public string Translate()
    {
        var result = new StringBuilder("[");
        at++;
        if (Next('^'))
        {
            result.Append('^');
            at++;
        }

        for (var first = true; first || !Next(']'); first = false)
        {
            if (at >= pattern.Length) throw Wrong("a '[' is not closed");
            AppendMember(result);
        }

        at++;
        return result.Append(']').ToString();
    }

    /// <summary>The ranges of \d, \s, \w (ASCII, unlike .NET's) and their complements; <c>null</c> for other letters.</summary>
    public static IReadOnlyList<(int First, int Last)>? PerlClass(char letter) => letter switch
    {
        'd' => Digits,
        'D' => Complement(Digits),
        's' => Spaces,
        'S' => Complement(Spaces),
        'w' => Words,
        'W' => Complement(Words),
        _ => null,
    };

    /// <summary>Writes a range.</summary>
    public static void Append(StringBuilder result, (int First, int Last) range) =>
        result.Append(CultureInfo.InvariantCulture, $"\\u{range.First:X4}-\\u{range.Last:X4}");

    /// <summary>\pN, \p{Lu}, \P{^Lu}: moves past it.</summary>
    public static string UnicodeClass(string pattern, ref int at)
    {
        var negated = pattern[at + 1] == 'P';
        var start = at + 2;
        if (start >= pattern.Length) throw Wrong(pattern, "'\\p' names no Unicode class");
        var name = pattern.Substring(start, 1);
        at = start + 1;
        if (name == "{")
        {
            var end = pattern.IndexOf('}', start);
            if (end < 0) throw Wrong(pattern, "'\\p{' is not closed");
            name = pattern[(start + 1)..end];
            at = end + 1;
        }

        if (name.StartsWith('^'))
        {
            negated = !negated;
            name = name[1..];
        }

        return $"\\{(negated ? 'P' : 'p')}{{{name}}}";
    }

    /// <summary>The character that an escape means; moves past it.</summary>
    public static int EscapedCharacter(string pattern, ref int at)
    {
        if (at + 1 >= pattern.Length) throw Wrong(pattern, "it ends in a lone '\\'");
        var c = pattern[at + 1];
        at += 2;
        switch (c)
        {
            case 'a': return '\a';
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'v': return '\v';
            case 'x': return Hexadecimal(pattern, ref at);
            case >= '0' and <= '7': return Octal(pattern, ref at);
            case < (char)128 when !char.IsAsciiLetterOrDigit(c): return c;
            default: throw Wrong(pattern, $"'\\{c}' means nothing in RE2");
        }
    }

    private static readonly (int, int)[] Digits = [('0', '9')];
    private static readonly (int, int)[] Spaces = [('\t', '\n'), ('\f', '\r'), (' ', ' ')];
    private static readonly (int, int)[] Words = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

    private static int Hexadecimal(string pattern, ref int at)
    {
        var digits = "";
        if (at < pattern.Length && pattern[at] == '{')
        {
            var end = pattern.IndexOf('}', at);
            if (end > 0) digits = pattern[(at + 1)..end];
            at = end + 1;
        }
        else if (at + 2 <= pattern.Length)
        {
            digits = pattern.Substring(at, 2);
            at += 2;
        }

        return digits.Length is > 0 and <= 6
            && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var rune)
            && Rune.IsValid(rune)
            ? rune
            : throw Wrong(pattern, "'\\x' is followed by two hexadecimal digits, or some in braces");
    }

    // A single digit other than 0 would be a back reference, which RE2 does not have.
    private static int Octal(string pattern, ref int at)
    {
        var value = pattern[at - 1] - '0';
        var next = at < pattern.Length && pattern[at] is >= '0' and <= '7';
        if (value != 0 && !next) throw Wrong(pattern, "RE2 has no back references");
        for (var digit = 0; digit < 2 && at < pattern.Length && pattern[at] is >= '0' and <= '7'; digit++) value = (value * 8) + pattern[at++] - '0';
        return value;
    }

    private void AppendMember(StringBuilder result)
    {
        if (Next('[') && at + 1 < pattern.Length && pattern[at + 1] == ':' && pattern.IndexOf(":]", at, StringComparison.Ordinal) is > 0 and var end)
        {
            var name = pattern[(at + 2)..end];
            var ranges = Named(name.TrimStart('^')) ?? throw Wrong($"'[:{name}:]' is not a class");
            foreach (var range in name.StartsWith('^') ? Complement(ranges) : ranges) Append(result, range);
            at = end + 2;
            return;
        }

        if (Next('\\') && at + 1 < pattern.Length)
        {
            if (pattern[at + 1] is 'p' or 'P')
            {
                result.Append(UnicodeClass(pattern, ref at));
                return;
            }

            if (PerlClass(pattern[at + 1]) is { } perl)
            {
                foreach (var range in perl) Append(result, range);
                at += 2;
                return;
            }
        }

        var first = Character();
        var last = first;
        if (Next('-') && at + 1 < pattern.Length && pattern[at + 1] != ']')
        {
            at++;
            last = Character();
        }

        if (last < first) throw Wrong("a range ends before it begins");
        if (last > char.MaxValue) throw Wrong("a class may hold characters of the basic plane only");
        Append(result, (first, last));
    }

    private int Character()
    {
        if (!Next('\\')) return pattern[at++];
        return EscapedCharacter(pattern, ref at);
    }

    private readonly bool Next(char c) => at < pattern.Length && pattern[at] == c;

    private static IReadOnlyList<(int First, int Last)>? Named(string name) => name switch
    {
        "alnum" => [('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => [('A', 'Z'), ('a', 'z')],
        "ascii" => [(0, 127)],
        "blank" => [('\t', '\t'), (' ', ' ')],
        "cntrl" => [(0, 31), (127, 127)],
        "digit" => Digits,
        "graph" => [('!', '~')],
        "lower" => [('a', 'z')],
        "print" => [(' ', '~')],
        "punct" => [('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => [('\t', '\r'), (' ', ' ')],
        "upper" => [('A', 'Z')],
        "word" => Words,
        "xdigit" => [('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => null,
    };

    private static List<(int First, int Last)> Complement(IReadOnlyList<(int First, int Last)> ranges)
    {
        var result = new List<(int, int)>();
        var from = 0;
        foreach (var (first, last) in ranges)
        {
            if (first > from) result.Add((from, first - 1));
            from = last + 1;
        }

        if (from <= char.MaxValue) result.Add((from, char.MaxValue));
        return result;
    }

    private readonly FormatException Wrong(string why) => Wrong(pattern, why);

    private static FormatException Wrong(string pattern, string why) => new($"'{pattern}' is not a regular expression: {why}");
}
