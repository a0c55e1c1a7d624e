namespace Mesh.Api.Validation;

/// <summary>A word or sign of an expression.</summary>
internal readonly record struct CelToken(string Text, bool IsLiteral, bool IsName)
{
    private static readonly string[] Signs = ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"];

    /// <summary>Takes an expression apart; returns what cannot be read, or <c>null</c>.</summary>
    public static string? Read(string text, out IReadOnlyList<CelToken> tokens)
    {
        var list = new List<CelToken>();
        tokens = list;
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            var rest = text.AsSpan(i);
            if (rest.StartsWith("//", StringComparison.Ordinal))
            {
                i = text.IndexOf('\n', i) is var end and >= 0 ? end : text.Length;
                continue;
            }

            var length = TextLength(rest);
            if (length < 0)
                return "a text never ends";
            var token = length > 0 ? new CelToken(text.Substring(i, length), true, false)
                : char.IsAsciiDigit(rest[0]) || (rest[0] == '.' && rest.Length > 1 && char.IsAsciiDigit(rest[1])) ? new CelToken(rest[..NumberLength(rest)].ToString(), true, false)
                : IsNameStart(rest[0]) ? Word(rest)
                : Signs.FirstOrDefault(sign => text.AsSpan(i).StartsWith(sign, StringComparison.Ordinal)) is { } found ? new CelToken(found, false, false)
                : default;
            if (token.Text is null)
                return $"'{rest[0]}' is no sign of it";
            list.Add(token);
            i += token.Text.Length;
        }

        return null;
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static CelToken Word(ReadOnlySpan<char> rest)
    {
        var end = 0;
        while (end < rest.Length && (IsNameStart(rest[end]) || char.IsAsciiDigit(rest[end])))
            end++;
        var word = rest[..end].ToString();
        return new CelToken(word, word is "true" or "false" or "null", word is not ("true" or "false" or "null" or "in"));
    }

    private static int NumberLength(ReadOnlySpan<char> rest)
    {
        var end = 0;
        while (end < rest.Length && (char.IsAsciiLetterOrDigit(rest[end]) || rest[end] == '.' && end + 1 < rest.Length && char.IsAsciiDigit(rest[end + 1]) || rest[end] is '+' or '-' && rest[end - 1] is 'e' or 'E'))
            end++;
        return end;
    }

    // With its prefix (r, b) and quotes, one or three; 0 where no text begins, -1 where one never ends.
    private static int TextLength(ReadOnlySpan<char> rest)
    {
        var start = 0;
        while (start < rest.Length && start < 2 && rest[start] is 'r' or 'R' or 'b' or 'B')
            start++;
        if (start == rest.Length || rest[start] is not ('"' or '\''))
            return 0;
        var raw = rest[..start].IndexOfAny('r', 'R') >= 0;
        var quote = rest[start];
        var triple = rest.Length > start + 2 && rest[start + 1] == quote && rest[start + 2] == quote;
        for (var i = start + (triple ? 3 : 1); i < rest.Length; i++)
        {
            if (rest[i] == '\\' && !raw)
                i++;
            else if (rest[i] == quote && !triple)
                return i + 1;
            else if (rest[i] == quote && i + 2 < rest.Length && rest[i + 1] == quote && rest[i + 2] == quote)
                return i + 3;
        }

        return -1;
    }
}
