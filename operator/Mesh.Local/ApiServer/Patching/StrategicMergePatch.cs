using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.Patching;

/// <summary>
/// Kubernetes' own merge: like a merge patch, but lists whose items have a key merge item by item, and directives beside the
/// fields say more ($patch, $deleteFromPrimitiveList/…, $setElementOrder/…, $retainKeys). Which lists those are, the schema
/// of the built-in kind tells.
/// </summary>
internal static class StrategicMergePatch
{
    private const string Delete = "$deleteFromPrimitiveList/";
    private const string Order = "$setElementOrder/";

    public static JsonObject Apply(JsonObject target, JsonObject patch, StructuralSchema schema) => MergeMap(target, patch, schema);

    private static JsonObject MergeMap(JsonObject target, JsonObject patch, StructuralSchema? schema)
    {
        switch (patch.Text("$patch"))
        {
            case "replace":
                return Without(patch, "$patch");
            case "delete":
                return [];
            case null or "merge":
                break;
            case var other:
                throw Broken($"unknown patch type: {other} in map: {GoText.Of(patch)}");
        }

        if (patch["$retainKeys"] is JsonArray kept)
        {
            foreach (var name in target.Select(pair => pair.Key).Where(name => !Names(kept).Contains(name)).ToList())
                target.Remove(name);
        }

        foreach (var (name, change) in patch)
        {
            if (name.StartsWith(Delete, StringComparison.Ordinal))
                Forget(target, name[Delete.Length..], change as JsonArray);
            else if (!name.StartsWith('$'))
                MergeField(target, name, change, schema?.Field(name), patch[Order + name] as JsonArray);
        }

        foreach (var (name, change) in patch)
        {
            if (name.StartsWith(Order, StringComparison.Ordinal) && change is JsonArray order && !patch.ContainsKey(name[Order.Length..]))
                MergeField(target, name[Order.Length..], new JsonArray(), schema?.Field(name[Order.Length..]), order);
        }

        return target;
    }

    private static void MergeField(JsonObject target, string name, JsonNode? change, StructuralSchema? schema, JsonArray? order)
    {
        target.TryGetPropertyValue(name, out var current);
        switch (change)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject map when current is JsonObject existing:
                var merged = MergeMap(existing, map, schema);
                if (!ReferenceEquals(merged, existing))
                    target[name] = merged;
                break;
            case JsonObject map:
                target[name] = MergeMap([], map, schema);
                break;
            case JsonArray list when schema is { MergeKey: { } key }:
                target[name] = MergeList(current as JsonArray ?? [], list, key, schema.Items, order);
                break;
            case JsonArray list when schema is { MergePrimitives: true }:
                target[name] = Unite(current as JsonArray ?? [], list, order);
                break;
            default:
                target[name] = change.DeepClone();
                break;
        }
    }

    private static JsonArray MergeList(JsonArray target, JsonArray patch, string key, StructuralSchema? items, JsonArray? order)
    {
        var result = target.Select(item => item?.DeepClone()).ToList();
        if (patch.OfType<JsonObject>().Any(item => item.Text("$patch") == "replace"))
            return new JsonArray([.. patch.OfType<JsonObject>().Where(item => item.Text("$patch") is null).Select(item => item.DeepClone())]);
        foreach (var change in patch)
        {
            if (change is not JsonObject item)
                throw Broken("map: expected items of a list with merge key to be objects");
            if (item[key] is not { } value)
                throw Broken($"map: {GoText.Of(item)} does not contain declared merge key: {key}");
            var at = result.FindIndex(existing => existing is JsonObject map && Same(map[key], value));
            if (item.Text("$patch") == "delete")
            {
                if (at >= 0)
                    result.RemoveAt(at);
            }
            else if (at >= 0)
            {
                result[at] = MergeMap((JsonObject)result[at]!, item, items);
            }
            else
            {
                result.Add(MergeMap([], item, items));
            }
        }

        return Ordered(result, target, order ?? patch, item => item is JsonObject map ? map[key] : null);
    }

    private static JsonArray Unite(JsonArray target, JsonArray patch, JsonArray? order)
    {
        var result = target.Select(item => item?.DeepClone()).ToList();
        foreach (var item in patch)
        {
            if (!result.Any(existing => Same(existing, item)))
                result.Add(item?.DeepClone());
        }

        return Ordered(result, target, order ?? patch, static item => item);
    }

    /// <summary>
    /// What the patch (or its order directive) names stands in that order; the rest keeps the order it had, each before the
    /// first named item that used to follow it.
    /// </summary>
    private static JsonArray Ordered(List<JsonNode?> items, JsonArray before, JsonArray order, Func<JsonNode?, JsonNode?> keyOf)
    {
        int Place(IEnumerable<JsonNode?> list, JsonNode? item) => list.ToList().FindIndex(one => Same(keyOf(one), keyOf(item)));
        var named = items.Where(item => Place(order, item) >= 0).OrderBy(item => Place(order, item)).ToList();
        var rest = items.Where(item => Place(order, item) < 0).ToList();
        var result = new JsonArray();
        var next = 0;
        foreach (var item in named)
        {
            var was = Place(before, item);
            while (next < rest.Count && was >= 0 && Place(before, rest[next]) < was)
                result.Add(rest[next++]);
            result.Add(item);
        }

        foreach (var item in rest.Skip(next))
            result.Add(item);
        return result;
    }

    private static void Forget(JsonObject target, string name, JsonArray? values)
    {
        if (target[name] is not JsonArray list || values is null)
            return;
        target[name] = new JsonArray([.. list.Where(item => !values.Any(value => Same(value, item))).Select(item => item?.DeepClone())]);
    }

    private static HashSet<string> Names(JsonArray list) => [.. list.Select(item => item!.GetValue<string>())];

    private static bool Same(JsonNode? left, JsonNode? right) => JsonNode.DeepEquals(left, right);

    private static JsonObject Without(JsonObject item, string name)
    {
        var copy = (JsonObject)item.DeepClone();
        copy.Remove(name);
        return copy;
    }

    private static StatusException Broken(string message) => new(500, null, message);
}
