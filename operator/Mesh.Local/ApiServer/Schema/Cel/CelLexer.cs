using System.Globalization;
using System.Text;

namespace Mesh.Local.ApiServer.Schema.Cel;

internal enum CelTokenKind
{
    Identifier,
    Value,
    Sign,
    End,
}

internal readonly record struct CelToken(CelTokenKind Kind, string Text, object? Value, int At);

/// <summary>The text of an expression as tokens.</summary>
internal sealed class CelLexer(string text)
{
    private static readonly string[] Signs = ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"];
    private int at;

    public IReadOnlyList<CelToken> Read()
    {
        var tokens = new List<CelToken>();
        while (Skip())
            tokens.Add(Next());
        tokens.Add(new CelToken(CelTokenKind.End, "", null, at));
        return tokens;
    }

    private bool Skip()
    {
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
                at++;
            else if (text.AsSpan(at).StartsWith("//"))
                at = text.IndexOf('\n', at) is var end and >= 0 ? end : text.Length;
            else
                return true;
        }

        return false;
    }

    private CelToken Next()
    {
        var start = at;
        if (text[at] is '"' or '\'')
            return Value(start, Quoted(raw: false));
        if (text[at] is 'r' or 'R' && at + 1 < text.Length && text[at + 1] is '"' or '\'')
        {
            at++;
            return Value(start, Quoted(raw: true));
        }

        if (char.IsAsciiLetter(text[at]) || text[at] == '_')
            return Word(start);
        if (char.IsAsciiDigit(text[at]))
            return Value(start, Number());
        foreach (var sign in Signs)
        {
            if (!text.AsSpan(at).StartsWith(sign))
                continue;
            at += sign.Length;
            return new CelToken(CelTokenKind.Sign, sign, null, start);
        }

        throw new CelError($"unexpected '{text[at]}' at {at}");
    }

    private static CelToken Value(int start, object? value) => new(CelTokenKind.Value, "", value, start);

    private CelToken Word(int start)
    {
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
            at++;
        return text[start..at] switch
        {
            "true" => Value(start, true),
            "false" => Value(start, false),
            "null" => Value(start, null),
            "in" => new CelToken(CelTokenKind.Sign, "in", null, start),
            var word => new CelToken(CelTokenKind.Identifier, word, null, start),
        };
    }

    private object Number()
    {
        var start = at;
        if (text.AsSpan(at).StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            at += 2;
            while (at < text.Length && char.IsAsciiHexDigit(text[at]))
                at++;
            return Whole(long.TryParse(text.AsSpan(start + 2, at - start - 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? hex : null);
        }

        Digits();
        var isDouble = false;
        if (at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1]))
        {
            isDouble = true;
            at++;
            Digits();
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            isDouble = true;
            at++;
            if (at < text.Length && text[at] is '+' or '-')
                at++;
            Digits();
        }

        var number = text.AsSpan(start, at - start);
        if (isDouble)
            return double.Parse(number, CultureInfo.InvariantCulture);
        return Whole(long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) ? whole : null);
    }

    private object Whole(long? value)
    {
        // Unsigned numbers are told from signed ones by a u, and count as the same here.
        if (at < text.Length && text[at] is 'u' or 'U')
            at++;
        return value ?? throw new CelError("a number is too large");
    }

    private void Digits()
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
    }

    private string Quoted(bool raw)
    {
        var mark = text[at];
        var quote = text.AsSpan(at).StartsWith(new string(mark, 3)) ? new string(mark, 3) : mark.ToString();
        at += quote.Length;
        var value = new StringBuilder();
        while (at < text.Length && !text.AsSpan(at).StartsWith(quote))
        {
            if (text[at] == '\\' && !raw)
                Escaped(value);
            else
                value.Append(text[at++]);
        }

        if (at >= text.Length)
            throw new CelError("a string does not end");
        at += quote.Length;
        return value.ToString();
    }

    private void Escaped(StringBuilder value)
    {
        var sign = at + 1 < text.Length ? text[at + 1] : throw new CelError("a string does not end");
        at += 2;
        var digits = sign switch { 'x' or 'X' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (at + digits > text.Length || !int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || !Rune.IsValid(code))
                throw new CelError($"a wrong escape at {at - 2}");
            at += digits;
            value.Append(new Rune(code).ToString());
            return;
        }

        value.Append(sign switch
        {
            'n' => '\n', 't' => '\t', 'r' => '\r', 'a' => '\a', 'b' => '\b', 'f' => '\f', 'v' => '\v',
            '\\' or '\'' or '"' or '`' or '?' => sign,
            _ => throw new CelError($"a wrong escape at {at - 2}"),
        });
    }
}
