using System.Text;

namespace Mesh.Local.ApiServer.Cel;

/// <summary>Cuts an expression into tokens.</summary>
internal static class CelLexer
{
    private static readonly string[] Symbols =
        ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"];

    public static List<CelToken> Read(string text)
    {
        var tokens = new List<CelToken>();
        var at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var token = Next(text, at, out var end);
            tokens.Add(token);
            at = end;
        }

        tokens.Add(new CelToken(CelTokenKind.End, "", text.Length));
        return tokens;
    }

    private static CelToken Next(string text, int at, out int end)
    {
        var first = text[at];
        if (char.IsAsciiDigit(first))
            return Number(text, at, out end);
        if (first is '\'' or '"')
            return Quoted(text, at, raw: false, out end);
        if (first is 'r' or 'R' && at + 1 < text.Length && (text[at + 1] == '\'' || text[at + 1] == '"'))
            return Quoted(text, at + 1, raw: true, out end);
        if (char.IsAsciiLetter(first) || first == '_')
        {
            end = at;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
                end++;
            return new CelToken(CelTokenKind.Identifier, text[at..end], at);
        }

        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(text, at, symbol, 0, symbol.Length) != 0)
                continue;
            end = at + symbol.Length;
            return new CelToken(CelTokenKind.Symbol, symbol, at);
        }

        throw new CelException($"unexpected character '{first}' at {at}");
    }

    private static CelToken Number(string text, int at, out int end)
    {
        end = at;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || (text[end] == '.' && end + 1 < text.Length && char.IsAsciiDigit(text[end + 1]))))
            end++;
        var found = text[at..end];
        var whole = found.All(char.IsAsciiDigit) || found.StartsWith("0x", StringComparison.Ordinal);
        return new CelToken(whole ? CelTokenKind.Integer : CelTokenKind.Decimal, found, at);
    }

    private static CelToken Quoted(string text, int at, bool raw, out int end)
    {
        var quote = text[at];
        var content = new StringBuilder();
        for (end = at + 1; end < text.Length; end++)
        {
            if (text[end] == quote)
            {
                end++;
                return new CelToken(CelTokenKind.Text, content.ToString(), at);
            }

            if (text[end] != '\\' || raw)
            {
                content.Append(text[end]);
                continue;
            }

            if (++end >= text.Length)
                break;
            content.Append(text[end] switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' or '\'' or '"' or '`' or '?' => text[end],
                var other => throw new CelException($"unknown escape \\{other} at {end}"),
            });
        }

        throw new CelException($"text that begins at {at} does not end");
    }
}
