using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.Json;

/// <summary>
/// Objects enter as bytes, are worked on as a <see cref="JsonObject"/> that one request owns, and rest as a
/// <see cref="JsonElement"/>, which is immutable and safe to read from every watcher at once (a parsed JsonNode is not: it
/// unfolds lazily). Numbers keep their text all the way. Nothing here knows Kubernetes.
/// </summary>
internal static class JsonAccess
{
    /// <summary>How deep a document may be nested. Go takes more, but nobody writes more.</summary>
    public const int Deepest = 512;

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = Deepest,
    };

    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = Deepest };

    public static JsonElement? At(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var next))
                return null;
            element = next;
        }

        return element.ValueKind == JsonValueKind.Null ? null : element;
    }

    public static string? Text(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.At(path) is { ValueKind: JsonValueKind.String } found ? found.GetString() : null;

    public static long? Integer(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.At(path) is { ValueKind: JsonValueKind.Number } found && found.TryGetInt64(out var value) ? value : null;

    public static bool Flag(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.At(path) is { ValueKind: JsonValueKind.True };

    public static IEnumerable<JsonElement> Items(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.At(path) is { ValueKind: JsonValueKind.Array } found ? found.EnumerateArray() : [];

    public static IEnumerable<JsonProperty> Properties(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.At(path) is { ValueKind: JsonValueKind.Object } found ? found.EnumerateObject() : [];

    public static int Count(this JsonElement element, params ReadOnlySpan<string> path) => element.At(path) switch
    {
        { ValueKind: JsonValueKind.Array } found => found.GetArrayLength(),
        { ValueKind: JsonValueKind.Object } found => found.GetPropertyCount(),
        _ => 0,
    };

    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (node is not JsonObject container || !container.TryGetPropertyValue(name, out node))
                return null;
        }

        return node;
    }

    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static long? Integer(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        && long.TryParse(value.ToJsonString(), out var number) ? number : null;

    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    public static JsonObject? Map(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonObject;

    public static JsonArray? List(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonArray;

    /// <summary>The object at this name, made when it is not there.</summary>
    public static JsonObject Section(this JsonObject owner, string name)
    {
        if (owner.TryGetPropertyValue(name, out var found) && found is JsonObject section)
            return section;
        var made = new JsonObject();
        owner[name] = made;
        return made;
    }

    /// <summary>Sets a value where none is given; a null counts as none, as for Kubernetes' own types.</summary>
    public static void Default(this JsonObject owner, string name, JsonNode value)
    {
        if (!owner.TryGetPropertyValue(name, out var found) || found is null)
            owner[name] = value;
    }

    public static void CopyFrom(this JsonObject target, JsonObject source, string name)
    {
        if (source.TryGetPropertyValue(name, out var value))
            target[name] = value?.DeepClone();
        else
            target.Remove(name);
    }

    public static byte[] ToBytes(this JsonNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
            node.WriteTo(writer);
        return buffer.ToArray();
    }

    public static JsonElement ToElement(this JsonNode node) => Copy(node.ToBytes());

    public static JsonElement ParseElement(ReadOnlyMemory<byte> bytes) => Copy(bytes.Span);

    /// <summary>
    /// A document of its own memory, exactly as much as it needs. (JsonDocument.Parse takes arrays from the pool, which a
    /// document that is never disposed of never gives back, and larger ones than it needs.)
    /// </summary>
    public static JsonElement Copy(ReadOnlySpan<byte> utf8) => JsonElement.Parse(utf8, DocumentOptions);

    /// <summary>An object to work on that unfolds from the document where it is looked at: nothing is parsed again.</summary>
    public static JsonObject ToNode(this JsonElement element) => JsonObject.Create(element)!;

    public static JsonNode? ToAnyNode(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Object => JsonObject.Create(element),
        JsonValueKind.Array => JsonArray.Create(element),
        _ => JsonValue.Create(element),
    };

    public static Utf8JsonWriter NewWriter(System.Buffers.IBufferWriter<byte> buffer) => new(buffer, WriterOptions);

    public static void WriteRaw(this Utf8JsonWriter writer, JsonElement element) =>
        writer.WriteRawValue(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(element), skipInputValidation: true);

    public static JsonObject ParseObject(string json) => (JsonObject)JsonNode.Parse(json)!;
}
