using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>Finds all places where an answer differs from the recorded one, and binds its placeholders while it looks.</summary>
internal static class JsonComparison
{
    public static IEnumerable<(string Path, string Text)> Differences(JsonNode? expected, JsonNode? actual, Placeholders placeholders, string path = "")
    {
        switch (expected, actual)
        {
            case (JsonObject left, JsonObject right):
                return Maps(left, right, placeholders, path);
            case (JsonArray left, JsonArray right):
                return Lists(left, right, placeholders, path);
            case (JsonValue left, JsonValue right) when left.TryGetValue<string>(out var text) && (Placeholders.Has(text) || right.GetValueKind() == JsonValueKind.String):
                var given = right.GetValueKind() == JsonValueKind.String ? right.GetValue<string>() : right.ToJsonString();
                return placeholders.Match(text, given, IsVersionOfObject(left, path)).Select(problem => (path, problem));
            default:
                return JsonNode.DeepEquals(expected, actual) ? [] : [(path, $"{Short(actual)}, recorded {Short(expected)}")];
        }
    }

    /// <summary>Takes out what was taken out of the recording.</summary>
    public static void RemoveManagedFields(JsonNode? node)
    {
        if (node is JsonObject map)
        {
            if (map["metadata"] is JsonObject metadata)
                metadata.Remove("managedFields");
            foreach (var (_, value) in map)
                RemoveManagedFields(value);
        }

        foreach (var item in node as JsonArray ?? [])
            RemoveManagedFields(item);
    }

    private static IEnumerable<(string, string)> Maps(JsonObject left, JsonObject right, Placeholders placeholders, string path)
    {
        // A name may hold a value of the recording: the uid of an owner, in the fields somebody manages.
        var names = left.ToDictionary(pair => pair.Key, pair => Placeholders.Has(pair.Key) ? placeholders.Fill(pair.Key) : pair.Key);
        foreach (var (recorded, value) in left)
        {
            var name = names[recorded];
            if (!right.TryGetPropertyValue(name, out var answered))
                yield return ($"{path}.{name}", $"missing, recorded {Short(value)}");
            else
                foreach (var one in Differences(value, answered, placeholders, $"{path}.{name}"))
                    yield return one;
        }

        foreach (var (name, value) in right.Where(pair => !names.ContainsValue(pair.Key)))
            yield return ($"{path}.{name}", $"{Short(value)}, not recorded");
    }

    /// <summary>By position; where the numbers differ, by name, so that what is there is still compared.</summary>
    private static IEnumerable<(string, string)> Lists(JsonArray left, JsonArray right, Placeholders placeholders, string path)
    {
        if (path.EndsWith(".managedFields", StringComparison.Ordinal))
            (left, right) = (ByManager(left), ByManager(right));
        if (left.Count == right.Count)
            return left.Zip(right).SelectMany((pair, i) => Differences(pair.First, pair.Second, placeholders, $"{path}[{i}]"));
        var (expected, given) = (left.Select(NameOf).ToHashSet(), right.Select(NameOf).ToHashSet());
        var counted = ($"{path}", $"{right.Count} items, recorded {left.Count}: missing [{string.Join(", ", expected.Except(given))}], not recorded [{string.Join(", ", given.Except(expected))}]");
        var common = left.SelectMany((item, i) => NameOf(item) is { } name && right.FirstOrDefault(other => NameOf(other) == name) is { } same
            ? Differences(item, same, placeholders, $"{path}[{i}]") : []);
        return [counted, .. common];
    }

    /// <summary>Entries stand in the order of their seconds, which is another in each run.</summary>
    private static JsonArray ByManager(JsonArray entries) => new([.. entries
        .OrderBy(entry => string.Join(' ', ((string[])["manager", "operation", "subresource", "apiVersion"]).Select(name => entry![name]?.ToString())), StringComparer.Ordinal)
        .Select(entry => entry!.DeepClone())]);

    private static string? NameOf(JsonNode? item) => item is not JsonObject map ? item?.ToString()
        : ((map["metadata"] as JsonObject)?["name"] ?? map["name"] ?? map["resource"] ?? map["type"] ?? map["version"])?.ToString() ?? Short(item);

    private static bool IsVersionOfObject(JsonValue version, string path) =>
        path.EndsWith(".metadata.resourceVersion", StringComparison.Ordinal) && version.Parent?["uid"] is not null;

    private static string Short(JsonNode? node)
    {
        var text = node?.ToJsonString() ?? "null";
        return text.Length > 300 ? text[..300] + "…" : text;
    }
}
