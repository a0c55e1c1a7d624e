using System.Text.Json;

namespace Mesh.Config;

/// <summary>The members of a JSON object with the very bytes of their values, which hashes are taken of.</summary>
internal static class JsonObjectSlices
{
    /// <exception cref="JsonException">Not one JSON object.</exception>
    public static IReadOnlyList<(string Name, ReadOnlyMemory<byte> Value)> Of(ReadOnlyMemory<byte> json)
    {
        var members = new List<(string, ReadOnlyMemory<byte>)>();
        var reader = new Utf8JsonReader(json.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("an object is expected");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = NameAt(ref reader);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            members.Add((name, json[start..(int)reader.BytesConsumed]));
        }

        if (reader.Read()) throw new JsonException("something follows the object");
        return members;
    }

    private static string NameAt(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException broken)
        {
            throw new JsonException("a name is not text", broken);
        }
    }
}
