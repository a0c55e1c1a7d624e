using System.Buffers;
using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Mesh.Api;

/// <summary>
/// How specs are read and written: camelCase, absent lists and maps are empty ones, and <c>null</c> in a list (which YAML
/// writes easily) is an element with nothing set, as Istio takes it.
/// </summary>
public static class ApiJson
{
    /// <summary>The serializer's settings.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Reads a spec or another part of an object. Throws <see cref="JsonException"/> on a wrong type.</summary>
    public static T Read<T>(JsonElement json)
        where T : class, new()
    {
        if (!HasNullElement(json))
            return json.Deserialize<T>(Options) ?? new T();
        var filled = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(filled))
            CopyFillingNullElements(json, writer);
        return JsonSerializer.Deserialize<T>(filled.WrittenSpan, Options) ?? new T();
    }

    /// <summary>Reads a spec whatever it holds: one of a wrong shape becomes an empty one that says why.</summary>
    public static T ReadSpec<T>(JsonElement json)
        where T : class, ISpecFromUser, new()
    {
        try
        {
            return Read<T>(json);
        }
        catch (JsonException e)
        {
            return new T { Unreadable = $"{e.Path}: {e.Message}" };
        }
    }

    private static bool HasNullElement(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().Any(e => e.ValueKind == JsonValueKind.Null || HasNullElement(e)),
        JsonValueKind.Object => json.EnumerateObject().Any(p => HasNullElement(p.Value)),
        _ => false,
    };

    private static void CopyFillingNullElements(JsonElement json, Utf8JsonWriter writer)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var element in json.EnumerateArray())
                {
                    if (element.ValueKind == JsonValueKind.Null)
                        writer.WriteRawValue("{}");
                    else
                        CopyFillingNullElements(element, writer);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in json.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    CopyFillingNullElements(property.Value, writer);
                }

                writer.WriteEndObject();
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NullCollectionsStayEmpty, FindingsLeaveEmptyTextsOut } },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void NullCollectionsStayEmpty(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.PropertyType == typeof(string) || !property.PropertyType.IsAssignableTo(typeof(IEnumerable)))
                continue;
            if (property.Set is { } set)
            {
                property.Set = (target, value) =>
                {
                    if (value is not null)
                        set(target, value is IReadOnlyDictionary<string, string?> texts ? NullTextsAreEmpty(texts) : value);
                };
            }

            property.ShouldSerialize = (_, value) => value is IEnumerable items && items.GetEnumerator().MoveNext();
        }
    }

    // A label or header without a value is written `name:` in YAML, which is null.
    private static object NullTextsAreEmpty(IReadOnlyDictionary<string, string?> texts) =>
        texts.Values.All(v => v is not null) ? texts : texts.ToDictionary(t => t.Key, t => (string?)(t.Value ?? ""));

    private static void FindingsLeaveEmptyTextsOut(JsonTypeInfo type)
    {
        if (type.Type != typeof(Finding))
            return;
        foreach (var property in type.Properties.Where(p => p.PropertyType == typeof(string)))
            property.ShouldSerialize = (_, value) => value is string { Length: > 0 };
    }
}
