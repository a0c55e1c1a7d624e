using System.Globalization;
using System.Text;

namespace Mesh.Local.ApiServer.Json;

/// <summary>
/// Why a text is not JSON, in the words of Go's decoder, which clients and people know from Kubernetes. Asked only about texts
/// that our own parser refused, so it may be slow and sees each byte once.
/// </summary>
internal ref struct GoJson
{
    private const int Deepest = 10000;
    private const string End = "unexpected end of JSON input";
    private readonly ReadOnlySpan<byte> text;
    private int at;
    private int depth;

    private GoJson(ReadOnlySpan<byte> text) => this.text = text;

    /// <summary>Null where the text is JSON.</summary>
    public static string? Problem(ReadOnlySpan<byte> text)
    {
        var scan = new GoJson(text);
        if (scan.Value() is { } problem)
            return problem;
        scan.Blank();
        return scan.at < text.Length ? scan.Unexpected("after top-level value") : null;
    }

    private string? Value()
    {
        Blank();
        if (at >= text.Length)
            return End;
        if (depth > Deepest)
            return "exceeded max depth";
        switch (text[at])
        {
            case (byte)'{':
                return Object();
            case (byte)'[':
                return Array();
            case (byte)'"':
                return Text();
            case (byte)'t':
                return Literal("true"u8);
            case (byte)'f':
                return Literal("false"u8);
            case (byte)'n':
                return Literal("null"u8);
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                return Number();
            default:
                return Unexpected("looking for beginning of value");
        }
    }

    private string? Object()
    {
        at++;
        depth++;
        Blank();
        if (Takes('}'))
            return Leave();
        while (true)
        {
            Blank();
            if (at >= text.Length)
                return End;
            if (text[at] != '"')
                return Unexpected("looking for beginning of object key string");
            if (Text() is { } badKey)
                return badKey;
            Blank();
            if (!Takes(':'))
                return Unexpected("after object key");
            if (Value() is { } badValue)
                return badValue;
            Blank();
            if (Takes('}'))
                return Leave();
            if (!Takes(','))
                return Unexpected("after object key:value pair");
        }
    }

    private string? Array()
    {
        at++;
        depth++;
        Blank();
        if (Takes(']'))
            return Leave();
        while (true)
        {
            if (Value() is { } bad)
                return bad;
            Blank();
            if (Takes(']'))
                return Leave();
            if (!Takes(','))
                return Unexpected("after array element");
        }
    }

    private string? Text()
    {
        for (at++; at < text.Length; at++)
        {
            switch (text[at])
            {
                case (byte)'"':
                    at++;
                    return null;
                case < 0x20:
                    return Unexpected("in string literal");
                case (byte)'\\' when Escape() is { } bad:
                    return bad;
            }
        }

        return End;
    }

    private string? Escape()
    {
        if (++at >= text.Length)
            return End;
        if ("\"\\/bfnrt"u8.Contains(text[at]))
            return null;
        if (text[at] != 'u')
            return Unexpected("in string escape code");
        for (var digit = 0; digit < 4; digit++)
        {
            if (++at >= text.Length)
                return End;
            if (!char.IsAsciiHexDigit((char)text[at]))
                return Unexpected("in \\u hexadecimal character escape");
        }

        return null;
    }

    private string? Number()
    {
        Takes('-');
        if (!Takes('0') && !Digits())
            return Unexpected("in numeric literal");
        if (Takes('.') && !Digits())
            return Unexpected("after decimal point in numeric literal");
        if (!Takes('e') && !Takes('E'))
            return null;
        if (!Takes('+'))
            Takes('-');
        return Digits() ? null : Unexpected("in exponent of numeric literal");
    }

    private bool Digits()
    {
        var from = at;
        while (at < text.Length && char.IsAsciiDigit((char)text[at]))
            at++;
        return at > from;
    }

    private string? Literal(ReadOnlySpan<byte> word)
    {
        for (var i = 0; i < word.Length; i++, at++)
        {
            if (at >= text.Length)
                return End;
            if (text[at] != word[i])
                return Unexpected($"in literal {Encoding.ASCII.GetString(word)} (expecting '{(char)word[i]}')");
        }

        return null;
    }

    private string? Leave()
    {
        depth--;
        return null;
    }

    private bool Takes(char expected)
    {
        if (at >= text.Length || text[at] != expected)
            return false;
        at++;
        return true;
    }

    private void Blank()
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
            at++;
    }

    private readonly string Unexpected(string where) =>
        at >= text.Length ? End : $"invalid character {Shown(text[at])} {where}";

    private static string Shown(byte letter) => letter switch
    {
        (byte)'\'' => @"'\''",
        (byte)'"' => "'\"'",
        (byte)'\n' => @"'\n'",
        (byte)'\r' => @"'\r'",
        (byte)'\t' => @"'\t'",
        (byte)'\\' => @"'\\'",
        < 0x20 or 0x7f => "'\\x" + letter.ToString("x2", CultureInfo.InvariantCulture) + "'",
        _ => $"'{(char)letter}'",
    };
}
