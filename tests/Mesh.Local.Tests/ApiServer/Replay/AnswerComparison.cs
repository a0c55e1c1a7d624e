using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>An answer against the recorded one: status, the headers that were recorded, the body.</summary>
internal static class AnswerComparison
{
    private static readonly string[] Headers = ["Content-Type", "Retry-After", "Warning"];

    /// <param name="text">The answer's body; null for a watch, whose lines come later.</param>
    public static IEnumerable<(string Field, string Text)> Differences(
        JsonObject recorded, HttpResponseMessage answer, string? text, Placeholders placeholders, bool withoutManagedFields)
    {
        if ((int)answer.StatusCode != recorded["status"]!.GetValue<int>())
        {
            yield return ("status", $"{(int)answer.StatusCode}, recorded {recorded["status"]}: {Short(text ?? "")}");
            yield break;
        }

        foreach (var name in Headers)
        {
            var (expected, given) = (Recorded(recorded, name), Given(answer, name));
            if (!expected.Select(Tight).SequenceEqual(given.Select(Tight)))
                yield return ("header " + name, $"[{string.Join(" | ", given)}], recorded [{string.Join(" | ", expected)}]");
        }

        if (text is null)
            yield break;
        foreach (var one in Body(recorded, text, placeholders, withoutManagedFields))
            yield return one;
    }

    private static IEnumerable<(string, string)> Body(JsonObject recorded, string text, Placeholders placeholders, bool withoutManagedFields)
    {
        switch (recorded["body"], recorded["bodyText"])
        {
            case (JsonValue, _):
            case (_, JsonValue binary) when binary.GetValue<string>().StartsWith("<binary", StringComparison.Ordinal):
                // The recording says only "as before", or how long a binary answer was.
                return [];
            case (JsonObject expected, _):
                if (Parse(text) is not { } actual)
                    return [("body", $"\"{Short(text)}\" is not JSON, recorded {Short(expected.ToJsonString())}")];
                actual = Abbreviated(expected, actual);
                if (withoutManagedFields)
                    JsonComparison.RemoveManagedFields(actual);
                return JsonComparison.Differences(expected, actual, placeholders);
            case (_, JsonValue expected):
                return Lines(expected.GetValue<string>(), text, placeholders);
            default:
                return text.Length == 0 ? [] : [("text", $"\"{Short(text)}\", recorded nothing")];
        }
    }

    /// <summary>Of long OpenAPI documents the recording keeps names only.</summary>
    private static JsonNode Abbreviated(JsonObject expected, JsonNode actual)
    {
        if (!expected.ContainsKey("paths (names and methods)"))
            return actual;
        return new JsonObject
        {
            ["openapi"] = actual["openapi"]?.DeepClone(),
            ["info"] = actual["info"]?.DeepClone(),
            ["paths (names and methods)"] = new JsonObject(actual["paths"]!.AsObject().Select(path => KeyValuePair.Create<string, JsonNode?>(
                path.Key, new JsonArray([.. path.Value!.AsObject().Where(one => one.Key != "parameters").Select(one => (JsonNode)one.Key)])))),
            ["components.schemas (names)"] = new JsonArray([.. actual["components"]!["schemas"]!.AsObject().Select(one => (JsonNode)one.Key)]),
        };
    }

    /// <summary>Line by line, so that what differs is told and not only that something does.</summary>
    private static IEnumerable<(string, string)> Lines(string expected, string text, Placeholders placeholders)
    {
        var (left, right) = (expected.Split('\n'), text.Split('\n'));
        return left.Length != right.Length
            ? placeholders.Match(expected, text).Select(problem => ("text", problem))
            : left.Zip(right).SelectMany((pair, i) => placeholders.Match(pair.First, pair.Second).Select(problem => ($"text line {i + 1}", problem)));
    }

    private static string[] Recorded(JsonObject response, string name) => response["headers"]?[name] switch
    {
        JsonArray many => [.. many.Select(one => one!.GetValue<string>())],
        JsonValue one => [one.GetValue<string>()],
        _ => [],
    };

    private static string[] Given(HttpResponseMessage answer, string name) =>
        answer.Headers.NonValidated.TryGetValues(name, out var values) || answer.Content.Headers.NonValidated.TryGetValues(name, out values) ? [.. values] : [];

    /// <summary>Whether there is a space between parameters says nothing, and the client's library puts one there.</summary>
    private static string Tight(string header) => header.Replace("; ", ";", StringComparison.Ordinal);

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text, null, new JsonDocumentOptions { MaxDepth = 512 });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Short(string text) => text.Length > 300 ? text[..300] + "…" : text;
}
