using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Mesh.Local.ApiServer.Json;

/// <summary>
/// Reads JSON that anyone may have sent: what is no text (bytes that are not UTF-8, halves of surrogate pairs) becomes the
/// replacement character, as it does in Go, and of a key given twice the last one counts and its place is told.
/// </summary>
internal static class JsonText
{
    private static readonly JsonDocumentOptions Once = new() { MaxDepth = JsonAccess.Deepest, AllowDuplicateProperties = false };
    private static readonly JsonDocumentOptions Repeating = new() { MaxDepth = JsonAccess.Deepest };

    /// <exception cref="JsonException">The text is not JSON; the message is that of Go's decoder.</exception>
    public static JsonNode? Parse(byte[] bytes, List<string>? repeated = null)
    {
        bytes = Clean(bytes);
        try
        {
            return JsonNode.Parse(bytes, null, Once);
        }
        catch (JsonException)
        {
            if (GoJson.Problem(bytes) is { } problem)
                throw new JsonException(problem);
            return ParseRepeating(bytes, repeated ?? []);
        }
    }

    private static JsonNode? ParseRepeating(byte[] bytes, List<string> repeated)
    {
        try
        {
            // Its values stay part of what is rebuilt, so it is a document of its own memory.
            var document = JsonElement.Parse(bytes, Repeating);
            DuplicateKeys.Find(document, "", repeated);
            return DuplicateKeys.Rebuild(document);
        }
        catch (JsonException)
        {
            // Nothing else is left that this parser refuses and Go's takes.
            throw new JsonException("exceeded max depth");
        }
    }

    private static byte[] Clean(byte[] bytes)
    {
        if (bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble))
            throw new JsonException("invalid character 'ï' looking for beginning of value");
        if (!Utf8.IsValid(bytes))
            bytes = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes));
        return MayHoldSurrogates(bytes) ? WithoutHalves(bytes) : bytes;
    }

    private static bool MayHoldSurrogates(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\\ud"u8) >= 0 || bytes.IndexOf("\\uD"u8) >= 0;

    /// <summary>Replaces escaped surrogates that have no partner.</summary>
    private static byte[] WithoutHalves(byte[] bytes)
    {
        var cleaned = bytes.AsSpan().ToArray();
        for (var i = 0; i < cleaned.Length - 1; i++)
        {
            if (cleaned[i] != '\\')
                continue;
            if (Unit(cleaned, i) is not { } unit || !char.IsSurrogate(unit))
            {
                i++;
                continue;
            }

            if (char.IsHighSurrogate(unit) && Unit(cleaned, i + 6) is { } next && char.IsLowSurrogate(next))
                i += 11;
            else
                "\\ufffd"u8.CopyTo(cleaned.AsSpan(i));
        }

        return cleaned;
    }

    private static char? Unit(byte[] bytes, int at) =>
        at + 6 <= bytes.Length && bytes[at] == '\\' && bytes[at + 1] == 'u'
        && ushort.TryParse(bytes.AsSpan(at + 2, 4), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var unit) ? (char)unit : null;
}
