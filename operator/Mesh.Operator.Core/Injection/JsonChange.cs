using System.Text.Json.Nodes;

namespace Mesh.Operator.Core.Injection;

/// <summary>
/// A change made to what our classes know of an object, carried over to the object as it was written: what they do not know, and
/// what did not change, stays to the letter. Elements of lists are told by their names.
/// </summary>
internal static class JsonChange
{
    /// <summary>Changes <paramref name="written"/> as <paramref name="before"/> became <paramref name="after"/>. False: nothing was to be changed.</summary>
    public static bool Carry(JsonObject written, JsonObject before, JsonObject after)
    {
        if (JsonNode.DeepEquals(before, after)) return false;
        foreach (var (name, _) in before)
            if (!after.ContainsKey(name)) written.Remove(name);
        foreach (var (name, value) in after)
        {
            if (before.TryGetPropertyValue(name, out var old) && JsonNode.DeepEquals(old, value)) continue;
            written[name] = Changed(written[name], old, value);
        }

        return true;
    }

    private static JsonNode? Changed(JsonNode? written, JsonNode? before, JsonNode? after)
    {
        switch (written, before, after)
        {
            case (JsonObject x, JsonObject y, JsonObject z):
                var copy = x.DeepClone().AsObject();
                Carry(copy, y, z);
                return copy;
            case (JsonArray x, JsonArray y, JsonArray z) when z.All(item => NameOf(item) is not null):
                return new JsonArray([.. z.Select(item => Element(x, y, item))]);
            default:
                return after?.DeepClone();
        }
    }

    private static JsonNode? Element(JsonArray written, JsonArray before, JsonNode? after)
    {
        var (x, y) = (Named(written, NameOf(after)), Named(before, NameOf(after)));
        return x is null || y is null ? after?.DeepClone() : JsonNode.DeepEquals(y, after) ? x.DeepClone() : Changed(x, y, after);
    }

    private static JsonNode? Named(JsonArray items, string? name) => items.FirstOrDefault(item => NameOf(item) == name);

    private static string? NameOf(JsonNode? item) => item is JsonObject one && one["name"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;
}
