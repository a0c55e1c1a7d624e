using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
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
        var node = JsonNode.Parse(json.GetRawText())!;
        FillNullElements(node);
        return node.Deserialize<T>(Options) ?? new T();
    }

    private static bool HasNullElement(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().Any(e => e.ValueKind == JsonValueKind.Null || HasNullElement(e)),
        JsonValueKind.Object => json.EnumerateObject().Any(p => HasNullElement(p.Value)),
        _ => false,
    };

    private static void FillNullElements(JsonNode node)
    {
        if (node is JsonObject map)
        {
            foreach (var (_, value) in map)
            {
                if (value is not null)
                    FillNullElements(value);
            }
        }
        else if (node is JsonArray list)
        {
            for (var i = 0; i < list.Count; i++)
            {
                if (list[i] is { } element)
                    FillNullElements(element);
                else
                    list[i] = new JsonObject();
            }
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
                        set(target, value);
                };
            }

            property.ShouldSerialize = (_, value) => value is IEnumerable items && items.GetEnumerator().MoveNext();
        }
    }

    private static void FindingsLeaveEmptyTextsOut(JsonTypeInfo type)
    {
        if (type.Type != typeof(Finding))
            return;
        foreach (var property in type.Properties.Where(p => p.PropertyType == typeof(string)))
            property.ShouldSerialize = (_, value) => value is string { Length: > 0 };
    }
}
