using System.Text;
using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Writes;

/// <summary>A request nobody would send on purpose: a good one, changed at random in its structure or in its bytes.</summary>
internal sealed record FuzzedRequest(string Method, string Target, string ContentType, byte[] Body)
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1.5", "1e3", "1e999", "9223372036854775808", "99999999999999999999999999", "\"\"", "\"x\"", "\"HALF\"",
        "\"\\u0000\"", "\"2026-01-02T03:04:05Z\"", "\"500m\"", "[]", "[null]", "[[[[]]]]", "{}", "{\"\":null}", "{\"$patch\":\"delete\"}",
        "{\"$patch\":\"replace\"}", "{\"a\":{\"b\":{\"c\":[1,\"2\",null]}}}", "[{\"name\":\"a\"},{\"name\":\"a\"}]", "[1,\"a\",{}]",
    ];

    private static readonly string[] Operations = ["add", "remove", "replace", "move", "copy", "test", "frobnicate"];

    public static FuzzedRequest Of(Random random, (string Collection, string Item, JsonObject Body) seed)
    {
        var body = (JsonObject)seed.Body.DeepClone();
        for (var changes = random.Next(4); changes > 0; changes--)
            Change(random, body);
        var (method, target, type) = random.Next(8) switch
        {
            0 or 1 => ("POST", seed.Collection, "application/json"),
            2 => ("PUT", seed.Item, "application/json"),
            3 => ("PATCH", seed.Item, "application/merge-patch+json"),
            4 => ("PATCH", seed.Item, "application/strategic-merge-patch+json"),
            5 => ("PATCH", seed.Item, "application/json-patch+json"),
            6 => ("PATCH", seed.Item + "?fieldManager=fuzz", "application/apply-patch+yaml"),
            _ => ("DELETE", seed.Item, "application/json"),
        };
        JsonNode document = type == "application/json-patch+json" ? Patch(random, body) : body;
        if (random.Next(12) == 0)
            type = random.Next(3) switch { 0 => "application/yaml", 1 => "application/vnd.kubernetes.protobuf", _ => "text/plain" };
        // Half a surrogate pair, which our own writer would not write.
        var bytes = Encoding.UTF8.GetBytes(document.ToJsonString().Replace("HALF", "\\ud800", StringComparison.Ordinal));
        if (random.Next(3) == 0)
            bytes = Broken(random, bytes);
        return new FuzzedRequest(method, target + Query(random, target), type, bytes);
    }

    public override string ToString() => $"{Method} {Target} {ContentType}\n{Encoding.UTF8.GetString(Body)}";

    private static string Query(Random random, string target)
    {
        var given = random.Next(6) switch
        {
            0 => "dryRun=All",
            1 => "fieldValidation=Strict",
            2 => "force=true",
            3 => "fieldManager=%00",
            _ => "",
        };
        return given.Length == 0 ? "" : (target.Contains('?', StringComparison.Ordinal) ? "&" : "?") + given;
    }

    private static void Change(Random random, JsonObject body)
    {
        var places = Places(body).ToList();
        var (owner, key) = places[random.Next(places.Count)];
        var value = JsonNode.Parse(Values[random.Next(Values.Length)]);
        switch (owner)
        {
            case JsonObject map when random.Next(4) == 0:
                map.Remove((string)key);
                break;
            case JsonObject map when random.Next(4) == 0:
                map["other" + random.Next(3)] = value;
                break;
            case JsonObject map:
                map[(string)key] = value;
                break;
            case JsonArray list when random.Next(3) == 0:
                list.Add(list[(int)key]?.DeepClone());
                break;
            case JsonArray list:
                list[(int)key] = value;
                break;
        }
    }

    private static IEnumerable<(JsonNode Owner, object Key)> Places(JsonNode node)
    {
        if (node is JsonObject map)
        {
            foreach (var (name, value) in map)
            {
                yield return (map, name);
                foreach (var inner in value is null ? [] : Places(value))
                    yield return inner;
            }
        }

        for (var i = 0; node is JsonArray list && i < list.Count; i++)
        {
            yield return (list, i);
            foreach (var inner in list[i] is { } item ? Places(item) : [])
                yield return inner;
        }
    }

    private static JsonArray Patch(Random random, JsonObject body)
    {
        var pointers = Places(body).Select(place => Pointer(place.Owner, place.Key)).Append("").Append("nowhere").ToList();
        var operations = new JsonArray();
        for (var count = random.Next(4); count >= 0; count--)
        {
            operations.Add(new JsonObject
            {
                ["op"] = Operations[random.Next(Operations.Length)],
                ["path"] = pointers[random.Next(pointers.Count)],
                ["from"] = pointers[random.Next(pointers.Count)],
                ["value"] = JsonNode.Parse(Values[random.Next(Values.Length)]),
            });
        }

        return operations;
    }

    private static string Pointer(JsonNode owner, object key)
    {
        var path = "/" + key;
        for (var node = owner; node.Parent is not null; node = node.Parent)
            path = "/" + (node.Parent is JsonObject ? node.GetPropertyName() : node.GetElementIndex()) + path;
        return path;
    }

    private static byte[] Broken(Random random, byte[] bytes)
    {
        var at = random.Next(bytes.Length);
        switch (random.Next(5))
        {
            case 0:
                return bytes[..at];
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                return [.. bytes[..at], .. bytes[random.Next(bytes.Length)..], .. bytes[at..]];
            case 3:
                return [.. Enumerable.Repeat((byte)'[', random.Next(2000)), .. bytes];
            default:
                return [.. Encoding.UTF8.GetBytes("k8s\0"), .. bytes[at..]];
        }
    }
}
