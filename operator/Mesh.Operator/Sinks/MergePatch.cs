using System.Text.Json.Nodes;

namespace Mesh.Operator.Sinks;

/// <summary>The JSON merge patch (RFC 7386) from one value to another: what went is null, lists are replaced whole.</summary>
public static class MergePatch
{
    public static JsonNode? Between(JsonNode? before, JsonNode? after)
    {
        if (after is not JsonObject wanted) return after?.DeepClone();
        var patch = new JsonObject();
        var known = before as JsonObject;
        foreach (var (name, value) in wanted)
        {
            if (known is not null && known.TryGetPropertyValue(name, out var old))
            {
                if (!JsonNode.DeepEquals(old, value)) patch[name] = Between(old, value);
            }
            else
            {
                patch[name] = value?.DeepClone();
            }
        }

        foreach (var (name, _) in known ?? [])
            if (!wanted.ContainsKey(name)) patch[name] = null;
        return patch;
    }
}
