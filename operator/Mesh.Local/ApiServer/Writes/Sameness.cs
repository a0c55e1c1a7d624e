using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>
/// Whether a write changes anything: the times of managers alone are no change, or two who apply the same in turn would write
/// for ever.
/// </summary>
internal static class Sameness
{
    public static bool Holds(JsonObject before, JsonObject after)
    {
        if (JsonNode.DeepEquals(before, after))
            return true;
        return Equal(before, after, "metadata")
            && before["metadata"] is JsonObject old && after["metadata"] is JsonObject now && Equal(old, now, "managedFields")
            && Managers(old["managedFields"], now["managedFields"]);
    }

    /// <summary>Whether two objects are the same but for the fields named.</summary>
    public static bool Equal(JsonObject left, JsonObject right, params ReadOnlySpan<string> but)
    {
        foreach (var (name, value) in left)
        {
            if (!but.Contains(name) && !(right.TryGetPropertyValue(name, out var other) && JsonNode.DeepEquals(value, other)))
                return false;
        }

        foreach (var (name, _) in right)
        {
            if (!but.Contains(name) && !left.ContainsKey(name))
                return false;
        }

        return true;
    }

    private static bool Managers(JsonNode? before, JsonNode? after)
    {
        if (before is not JsonArray old || after is not JsonArray now || old.Count != now.Count)
            return before is null && after is null;
        return now.All(entry => old.Any(known => entry is JsonObject left && known is JsonObject right && Equal(left, right, "time")));
    }
}
