namespace Mesh.Local.ApiServer.Selection;

/// <summary>Cuts a label selector into words and the longest operators there are ("==", "!=", "(", …).</summary>
internal static class LabelTokens
{
    private const string Special = "=!(),><";

    private static readonly string[] Symbols = [")", ",", "!", "==", "=", ">", "<", "!=", "("];

    public static IEnumerable<LabelToken> Of(string text)
    {
        var position = 0;
        while (position < text.Length)
        {
            if (char.IsWhiteSpace(text[position]))
            {
                position++;
                continue;
            }

            var start = position;
            if (!Special.Contains(text[start], StringComparison.Ordinal))
            {
                while (position < text.Length && !char.IsWhiteSpace(text[position]) && !Special.Contains(text[position], StringComparison.Ordinal))
                    position++;
                yield return new LabelToken(true, text[start..position]);
                continue;
            }

            var symbol = Symbols.Where(one => string.CompareOrdinal(text, start, one, 0, one.Length) == 0).MaxBy(one => one.Length)!;
            position += symbol.Length;
            yield return new LabelToken(false, symbol);
        }
    }
}
