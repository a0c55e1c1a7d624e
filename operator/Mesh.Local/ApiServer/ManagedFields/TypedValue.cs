using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.ManagedFields;

/// <summary>
/// Objects seen through their schema: which places they fill, what differs between two, how one is laid over another and how
/// places are taken out. A list with keys is a set of named items; an atomic value is one place.
/// </summary>
internal static class TypedValue
{
    private static readonly StructuralSchema Anything = new() { PreserveUnknownFields = true };

    public static StructuralSchema FieldSchema(StructuralSchema schema, string name) => schema.Field(name) ?? Anything;

    public static bool IsMap(StructuralSchema schema, JsonNode? value) => value is JsonObject && !schema.Atomic;

    public static bool IsItems(StructuralSchema schema, JsonNode? value) => value is JsonArray && (schema.IsListMap || schema.ListType == "set");

    /// <summary>The places an applied object names: its leaves, and the items of lists by key.</summary>
    public static FieldSet Places(JsonNode? value, StructuralSchema schema)
    {
        var set = new FieldSet();
        if (IsMap(schema, value) && value is JsonObject { Count: > 0 } map)
        {
            foreach (var (name, child) in map)
            {
                var inner = Places(child, FieldSchema(schema, name));
                inner.IsMember |= !schema.Properties.ContainsKey(name);
                set.At("f:" + name).Add(inner);
            }
        }
        else if (IsItems(schema, value) && value is JsonArray { Count: > 0 } list)
        {
            foreach (var item in list)
            {
                var inner = Places(item, schema.Items ?? Anything);
                inner.IsMember = true;
                set.At(Step(schema, item)).Add(inner);
            }
        }
        else
        {
            set.IsMember = true;
        }

        return set;
    }

    /// <summary>What one state has over another: places that came or changed, and places that went.</summary>
    public static void Compare(JsonNode? before, JsonNode? after, StructuralSchema schema, FieldSet changed, FieldSet removed)
    {
        var maps = (before is null || IsMap(schema, before)) && (after is null || IsMap(schema, after));
        var items = (before is null || IsItems(schema, before)) && (after is null || IsItems(schema, after));
        if (before is null && after is not null)
            changed.IsMember = true;
        else if (after is null && before is not null)
            removed.IsMember = true;
        if (before is null && after is null)
            return;
        if (maps)
        {
            var names = Names(before).Union(Names(after));
            foreach (var name in names)
                Compare(before.At(name), after.At(name), FieldSchema(schema, name), changed.At("f:" + name), removed.At("f:" + name));
        }
        else if (items)
        {
            var old = Keyed(schema, before as JsonArray);
            var now = Keyed(schema, after as JsonArray);
            foreach (var step in old.Keys.Union(now.Keys))
                Compare(old.GetValueOrDefault(step), now.GetValueOrDefault(step), schema.Items ?? Anything, changed.At(step), removed.At(step));
        }
        else if (before is not null && after is not null && !JsonNode.DeepEquals(before, after))
        {
            changed.IsMember = true;
        }
    }

    /// <summary>Lays the applied object over the live one.</summary>
    public static JsonNode? Merge(JsonNode? live, JsonNode? applied, StructuralSchema schema)
    {
        if (IsMap(schema, applied) && IsMap(schema, live))
        {
            var result = (JsonObject)live!.DeepClone();
            foreach (var (name, value) in (JsonObject)applied!)
                result[name] = Merge(result[name], value, FieldSchema(schema, name));
            return result;
        }

        if (!IsItems(schema, applied) || !IsItems(schema, live))
            return applied?.DeepClone();
        var items = Keyed(schema, (JsonArray)live!);
        var wanted = Keyed(schema, (JsonArray)applied!);
        var merged = new JsonArray();
        foreach (var (step, item) in items)
            merged.Add(wanted.TryGetValue(step, out var change) ? Merge(item, change, schema.Items ?? Anything) : item?.DeepClone());
        foreach (var (step, item) in wanted.Where(pair => !items.ContainsKey(pair.Key)))
            merged.Add(item?.DeepClone());
        return merged;
    }

    /// <summary>Takes places out that nobody keeps; a container that empties goes with them.</summary>
    public static JsonNode? Remove(JsonNode? value, FieldSet places, FieldSet kept, StructuralSchema schema)
    {
        if (IsMap(schema, value))
        {
            var map = (JsonObject)value!;
            foreach (var (name, child) in map.ToList())
            {
                if (places.Child("f:" + name) is not { } inner)
                    continue;
                var rest = RemoveOne(child, inner, kept.Child("f:" + name) ?? new FieldSet(), FieldSchema(schema, name));
                if (rest is null)
                    map.Remove(name);
                else if (!ReferenceEquals(rest, child))
                    map[name] = rest;
            }

            return map;
        }

        if (!IsItems(schema, value))
            return value;
        var left = new JsonArray();
        foreach (var item in (JsonArray)value!)
        {
            var step = Step(schema, item);
            var rest = places.Child(step) is { } inner
                ? RemoveOne(item?.DeepClone(), inner, kept.Child(step) ?? new FieldSet(), schema.Items ?? Anything)
                : item?.DeepClone();
            if (rest is not null)
                left.Add(rest);
        }

        return left;
    }

    private static JsonNode? RemoveOne(JsonNode? value, FieldSet places, FieldSet kept, StructuralSchema schema)
    {
        if (places.IsMember && kept.IsEmpty)
            return null;
        if (!places.Children.Any())
            return value;
        var rest = Remove(value, places, kept, schema);
        var emptied = rest is JsonObject { Count: 0 } or JsonArray { Count: 0 };
        return emptied && kept.IsEmpty ? null : rest;
    }

    /// <summary>How an item of a list is named.</summary>
    public static string Step(StructuralSchema schema, JsonNode? item)
    {
        if (!schema.IsListMap || item is not JsonObject map)
            return "v:" + Compact(item);
        var key = new JsonObject();
        foreach (var name in schema.MapKeys.Order(StringComparer.Ordinal))
        {
            if ((map[name] ?? KeyDefault(schema, name)) is { } part)
                key[name] = part.DeepClone();
        }

        return "k:" + Compact(key);
    }

    private static JsonNode? KeyDefault(StructuralSchema schema, string name)
    {
        if (schema.Items?.Field(name)?.Default is { } given)
            return given.ToAnyNode();
        // Built-in lists keyed by protocol: ports of containers and services.
        return name == "protocol" ? "TCP" : null;
    }

    private static Dictionary<string, JsonNode?> Keyed(StructuralSchema schema, JsonArray? list)
    {
        var keyed = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var item in list ?? [])
            keyed[Step(schema, item)] = item;
        return keyed;
    }

    private static IEnumerable<string> Names(JsonNode? node) => node is JsonObject map ? map.Select(pair => pair.Key) : [];

    private static string Compact(JsonNode? node) => node is null ? "null" : Encoding.UTF8.GetString(node.ToBytes());

    /// <summary>The first thing that keeps a document from being seen through its schema; null when nothing does.</summary>
    public static string? Problem(JsonNode? value, StructuralSchema schema, string path)
    {
        if (value is null || schema.PreserveUnknownFields)
            return null;
        var expected = schema.IntOrString ? null : schema.Type switch
        {
            "object" => value is JsonObject ? null : "map",
            "array" => value is JsonArray ? null : "list",
            "string" => value.GetValueKind() == JsonValueKind.String ? null : "string",
            "boolean" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? null : "boolean",
            "integer" or "number" => value.GetValueKind() == JsonValueKind.Number ? null : "numeric (int or float)",
            _ => null,
        };
        if (expected is not null)
            return $"{path}: expected {expected}, got &value.valueUnstructured{{Value:{Shown(value)}}}";
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, child) in map)
                {
                    if (schema.Field(name) is not { } field)
                        return $"{path}.{name}: field not declared in schema";
                    if (Problem(child, field, path + "." + name) is { } problem)
                        return problem;
                }

                return null;
            case JsonArray list:
                return ListProblem(list, schema, path);
            default:
                return null;
        }
    }

    private static string? ListProblem(JsonArray list, StructuralSchema schema, string path)
    {
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var item in list)
        {
            if (schema.IsListMap && item is JsonObject map && schema.MapKeys.FirstOrDefault(key => map[key] is null && KeyDefault(schema, key) is null) is { } missing)
                return $"{path}: element {index}: associative list with keys has an element that omits key field \"{missing}\" (and doesn't have default value)";
            if (IsItems(schema, list) && !seen.Add(Step(schema, item)))
                return $"{path}: duplicate entries for key {Shown(Step(schema, item))}";
            if (schema.Items is { } items && Problem(item, items, $"{path}[{index}]") is { } problem)
                return problem;
            index++;
        }

        return null;
    }

    private static string Shown(JsonNode value) => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();

    private static string Shown(string step)
    {
        var inner = step[2..];
        if (!step.StartsWith("k:", StringComparison.Ordinal))
            return "[=" + inner + "]";
        return "[" + string.Join(",", JsonAccess.ParseObject(inner).Select(pair => $"{pair.Key}={pair.Value?.ToJsonString()}")) + "]";
    }
}
