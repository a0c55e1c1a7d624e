using System.Text;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.ManagedFields;

/// <summary>
/// Objects seen through their schema: which places they fill, what differs between two, and how places are taken out. A list
/// with keys is a set of named items; an atomic value is one place.
/// </summary>
internal static class TypedValue
{
    private static readonly StructuralSchema Anything = new() { PreserveUnknownFields = true };

    public static StructuralSchema FieldSchema(StructuralSchema schema, string name) => schema.Field(name) ?? Anything;

    public static StructuralSchema ItemSchema(StructuralSchema schema) => schema.Items ?? Anything;

    public static bool IsMap(StructuralSchema schema, JsonNode? value) => value is JsonObject && !schema.Atomic;

    public static bool IsItems(StructuralSchema schema, JsonNode? value) => value is JsonArray && (schema.IsListMap || schema.ListType == "set");

    public static IEnumerable<string> Names(JsonNode? left, JsonNode? right)
    {
        foreach (var (name, _) in left as JsonObject ?? [])
            yield return name;
        foreach (var (name, _) in right as JsonObject ?? [])
        {
            if (left is not JsonObject map || !map.ContainsKey(name))
                yield return name;
        }
    }

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
                set.Put("f:" + name, inner);
            }
        }
        else if (IsItems(schema, value) && value is JsonArray list)
        {
            // An empty list by key names nothing, where an empty map names itself.
            foreach (var item in list)
            {
                var inner = Places(item, ItemSchema(schema));
                inner.IsMember = true;
                set.Put(Step(schema, item), inner);
            }
        }
        else
        {
            set.IsMember = true;
        }

        return set;
    }

    /// <summary>
    /// What came or changed, and what went; null for nothing. A struct that stands in its parent by value is there (empty)
    /// whenever the parent is, so it neither comes nor goes by itself.
    /// </summary>
    public static (FieldSet? Come, FieldSet? Went) CompareField(JsonObject? before, JsonObject? after, string name, StructuralSchema schema, bool parentWas, bool parentIs)
    {
        JsonNode? old = null, now = null;
        var field = FieldSchema(schema, name);
        // A null that is given is there, where it may be.
        var was = before?.TryGetPropertyValue(name, out old) == true || (field.Embedded && parentWas);
        var isThere = after?.TryGetPropertyValue(name, out now) == true || (field.Embedded && parentIs);
        return Compare(old, now, field, was, isThere);
    }

    private static (FieldSet? Come, FieldSet? Went) Compare(JsonNode? before, JsonNode? after, StructuralSchema schema, bool was, bool isThere)
    {
        if (!was && !isThere)
            return default;
        FieldSet? come = null, went = null;
        if (!was)
            (come ??= new FieldSet()).IsMember = true;
        else if (!isThere)
            (went ??= new FieldSet()).IsMember = true;
        if ((before is null || IsMap(schema, before)) && (after is null || IsMap(schema, after)))
        {
            foreach (var name in Names(before, after))
                Join(ref come, ref went, "f:" + name, CompareField(before as JsonObject, after as JsonObject, name, schema, was, isThere));
        }
        else if ((before is null || IsItems(schema, before)) && (after is null || IsItems(schema, after)))
        {
            var old = Keyed(schema, before as JsonArray);
            var now = Keyed(schema, after as JsonArray);
            foreach (var step in old.Keys.Union(now.Keys))
                Join(ref come, ref went, step, Compare(old.GetValueOrDefault(step), now.GetValueOrDefault(step), ItemSchema(schema), old.ContainsKey(step), now.ContainsKey(step)));
        }
        else if (was && isThere && !JsonNode.DeepEquals(before, after))
        {
            (come ??= new FieldSet()).IsMember = true;
        }

        return (come, went);
    }

    /// <summary>
    /// Takes places out that nobody keeps. A named field goes with all that is in it as soon as nobody keeps any of it; an
    /// item of a list only when it was a place itself.
    /// </summary>
    public static void Remove(JsonNode? value, FieldSet places, FieldSet kept, StructuralSchema schema)
    {
        if (value is JsonObject map && IsMap(schema, value))
        {
            foreach (var (step, inner) in places.Children)
            {
                var name = step[2..];
                if (!step.StartsWith("f:", StringComparison.Ordinal) || !map.TryGetPropertyValue(name, out var child))
                    continue;
                if (kept.Child(step) is { IsEmpty: false } others)
                    Remove(child, inner, others, FieldSchema(schema, name));
                else
                    map.Remove(name);
            }
        }
        else if (value is JsonArray list && IsItems(schema, value))
        {
            for (var i = list.Count - 1; i >= 0; i--)
            {
                var step = Step(schema, list[i]);
                if (places.Child(step) is not { } inner)
                    continue;
                if (kept.Child(step) is { IsEmpty: false } others)
                    Remove(list[i], inner, others, ItemSchema(schema));
                else if (inner.IsMember)
                    list.RemoveAt(i);
            }
        }
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

    public static JsonNode? KeyDefault(StructuralSchema schema, string name)
    {
        if (schema.Items?.Field(name)?.Default is { } given)
            return given.ToAnyNode();
        // Built-in lists keyed by protocol: ports of containers and services.
        return name == "protocol" ? "TCP" : null;
    }

    private static void Join(ref FieldSet? come, ref FieldSet? went, string step, (FieldSet? Come, FieldSet? Went) found)
    {
        if (found.Come is not null)
            (come ??= new FieldSet()).Put(step, found.Come);
        if (found.Went is not null)
            (went ??= new FieldSet()).Put(step, found.Went);
    }

    private static Dictionary<string, JsonNode?> Keyed(StructuralSchema schema, JsonArray? list)
    {
        var keyed = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var item in list ?? [])
            keyed[Step(schema, item)] = item;
        return keyed;
    }

    private static string Compact(JsonNode? node) => node is null ? "null" : Encoding.UTF8.GetString(node.ToBytes());
}
