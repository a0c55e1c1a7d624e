using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// Brings a custom object into the shape of its schema: fields it does not know go (and are named), nulls go where none may
/// stand and no default comes in their place, and numbers take the form they are kept in.
/// </summary>
internal static class CustomShape
{
    /// <exception cref="DecodingException">A number is larger than any that can be kept.</exception>
    public static void Coerce(JsonObject item, StructuralSchema schema, List<string> unknown)
    {
        foreach (var name in Drop(item, schema, "", unknown))
            item.Remove(name);
        foreach (var (name, value) in item)
        {
            // Metadata has a type of its own, and has been read as that.
            if (name is not ("metadata" or "apiVersion" or "kind") && schema.Field(name) is { } field)
                Walk(value, field, name, unknown);
        }

        Numbers(item);
    }

    private static void Walk(JsonNode? node, StructuralSchema schema, string path, List<string> unknown)
    {
        if (node is JsonArray list && schema.Items is { } items)
        {
            for (var i = 0; i < list.Count; i++)
                Walk(list[i], items, $"{path}[{i.ToString(CultureInfo.InvariantCulture)}]", unknown);
        }

        if (node is not JsonObject map)
            return;
        foreach (var name in Drop(map, schema, path, unknown))
            map.Remove(name);
        foreach (var (name, value) in map)
        {
            if (schema.Field(name) is { } field)
                Walk(value, field, path + "." + name, unknown);
        }
    }

    private static List<string> Drop(JsonObject map, StructuralSchema schema, string path, List<string> unknown)
    {
        List<string>? dropped = null;
        foreach (var (name, value) in map)
        {
            var field = schema.Field(name);
            if (field is null && !schema.PreserveUnknownFields)
                unknown.Add(path.Length == 0 ? name : path + "." + name);
            else if (field is null || value is not null || field.Nullable || (field.Default is not null && schema.Properties.ContainsKey(name)))
                continue;
            (dropped ??= []).Add(name);
        }

        return dropped ?? [];
    }

    private static void Numbers(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                List<(string, JsonNode)>? better = null;
                foreach (var (name, value) in map)
                {
                    if (value is JsonValue number && Kept(number) is { } kept)
                        (better ??= []).Add((name, kept));
                    else
                        Numbers(value);
                }

                foreach (var (name, value) in better ?? [])
                    map[name] = value;
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is JsonValue number && Kept(number) is { } kept)
                        list[i] = kept;
                    else
                        Numbers(list[i]);
                }

                break;
        }
    }

    /// <summary>Null where the number is as it is kept already.</summary>
    private static JsonNode? Kept(JsonValue value)
    {
        if (!value.TryGetValue<JsonElement>(out var element) || element.ValueKind != JsonValueKind.Number)
            return null;
        var raw = JsonMarshal.GetRawUtf8Value(element);
        if (raw.Length < 19 && raw.IndexOfAny("eE."u8) < 0)
            return null;
        try
        {
            var kept = GoNumbers.Canonical(element.GetRawText());
            return kept == element.GetRawText() ? null : JsonNode.Parse(kept);
        }
        catch (OverflowException)
        {
            throw new DecodingException($"json: cannot unmarshal number {element.GetRawText()} into Go value of type float64");
        }
    }
}
