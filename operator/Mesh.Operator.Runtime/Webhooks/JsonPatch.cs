using System.Text.Json.Nodes;

namespace Mesh.Operator.Runtime;

/// <summary>
/// The RFC 6902 patch from one JSON value to another. It names only what differs: fields that a newer API server knows and
/// our classes do not are in neither value and so stay as they are. Array elements are matched by their <c>name</c>, where
/// they have one, so that an insertion does not rewrite the user's own elements.
/// </summary>
public static class JsonPatch
{
    public static JsonArray Between(JsonNode? before, JsonNode? after)
    {
        var patch = new JsonArray();
        Compare("", before, after, patch);
        return patch;
    }

    private static void Compare(string path, JsonNode? before, JsonNode? after, JsonArray patch)
    {
        if (JsonNode.DeepEquals(before, after)) return;
        if (before is JsonObject a && after is JsonObject b) CompareObjects(path, a, b, patch);
        else if (before is JsonArray x && after is JsonArray y) CompareArrays(path, x, y, patch);
        else patch.Add(Operation("replace", path, after));
    }

    private static void CompareObjects(string path, JsonObject before, JsonObject after, JsonArray patch)
    {
        foreach (var (name, _) in before)
            if (!after.ContainsKey(name)) patch.Add(Operation("remove", $"{path}/{Escape(name)}"));
        foreach (var (name, value) in after)
        {
            var child = $"{path}/{Escape(name)}";
            if (before.TryGetPropertyValue(name, out var old)) Compare(child, old, value, patch);
            else patch.Add(Operation("add", child, value));
        }
    }

    private static void CompareArrays(string path, JsonArray before, JsonArray after, JsonArray patch)
    {
        var wanted = after.Select(NameOf).ToList();
        var have = before.Select(NameOf).ToList();
        if (wanted.Contains(null) || have.Contains(null) || wanted.Distinct().Count() != wanted.Count || have.Distinct().Count() != have.Count)
        {
            patch.Add(Operation("replace", path, after));
            return;
        }

        // Works on a copy of the names as the patch, applied step by step, would leave them.
        for (var i = have.Count - 1; i >= 0; i--)
        {
            if (wanted.Contains(have[i])) continue;
            patch.Add(Operation("remove", $"{path}/{i}"));
            have.RemoveAt(i);
        }

        for (var i = 0; i < wanted.Count; i++)
        {
            var at = have.IndexOf(wanted[i]);
            if (at == i)
            {
                Compare($"{path}/{i}", before.First(n => NameOf(n) == wanted[i]), after[i], patch);
                continue;
            }

            if (at >= 0)
            {
                patch.Add(Operation("remove", $"{path}/{at}"));
                have.RemoveAt(at);
            }

            patch.Add(Operation("add", $"{path}/{i}", after[i]));
            have.Insert(i, wanted[i]);
        }
    }

    private static string? NameOf(JsonNode? node) =>
        node is JsonObject o && o.TryGetPropertyValue("name", out var name) && name is JsonValue v && v.TryGetValue<string>(out var text) ? text : null;

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static JsonObject Operation(string op, string path) => new() { ["op"] = op, ["path"] = path };

    private static JsonObject Operation(string op, string path, JsonNode? value) => new() { ["op"] = op, ["path"] = path, ["value"] = value?.DeepClone() };
}
