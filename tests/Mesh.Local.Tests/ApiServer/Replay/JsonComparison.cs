using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>Finds the first places where an answer differs from the recorded one.</summary>
internal static class JsonComparison
{
    public static IEnumerable<string> Differences(JsonNode? expected, JsonNode? actual, Placeholders placeholders, string path = "")
    {
        switch (expected, actual)
        {
            case (JsonObject left, JsonObject right):
                foreach (var name in left.Select(pair => pair.Key).Union(right.Select(pair => pair.Key)).ToList())
                {
                    if (!right.ContainsKey(name))
                        yield return $"{path}.{name}: missing, recorded {Short(left[name])}";
                    else if (!left.ContainsKey(name))
                        yield return $"{path}.{name}: not recorded, answered {Short(right[name])}";
                    else
                        foreach (var one in Differences(left[name], right[name], placeholders, $"{path}.{name}"))
                            yield return one;
                }

                break;
            case (JsonArray left, JsonArray right):
                if (left.Count != right.Count)
                    yield return $"{path}: {right.Count} items, recorded {left.Count}: {Short(right)} / {Short(left)}";
                else
                    for (var i = 0; i < left.Count; i++)
                        foreach (var one in Differences(left[i], right[i], placeholders, $"{path}[{i}]"))
                            yield return one;
                break;
            case (JsonValue left, JsonValue right) when left.GetValueKind() == JsonValueKind.String:
                var text = right.GetValueKind() == JsonValueKind.String ? right.GetValue<string>() : right.ToJsonString();
                if (!placeholders.Match(left.GetValue<string>(), text))
                    yield return $"{path}: \"{text}\", recorded \"{left.GetValue<string>()}\"";
                break;
            default:
                if (!JsonNode.DeepEquals(expected, actual))
                    yield return $"{path}: {Short(actual)}, recorded {Short(expected)}";
                break;
        }
    }

    private static string Short(JsonNode? node)
    {
        var text = node?.ToJsonString() ?? "null";
        return text.Length > 200 ? text[..200] + "…" : text;
    }
}
