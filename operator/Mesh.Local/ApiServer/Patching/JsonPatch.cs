using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Patching;

/// <summary>
/// RFC 6902, with the two liberties Kubernetes takes: "replace" of what is not there adds it, and a pointer may lack its
/// first slash. An operation that cannot be done refuses the whole patch.
/// </summary>
internal static class JsonPatch
{
    private const int MostOperations = 10000;

    /// <param name="refusal">Makes the answer from what is wrong with an operation.</param>
    public static JsonObject Apply(JsonObject item, JsonArray operations, Func<string, StatusException> refusal)
    {
        if (operations.Count > MostOperations)
        {
            throw new StatusException(413, "RequestEntityTooLarge",
                $"The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}");
        }

        try
        {
            JsonNode? root = item;
            foreach (var operation in operations)
                root = Do(root, operation as JsonObject ?? throw Refused("Unexpected kind: unknown"));
            return root as JsonObject ?? throw Refused("the result is no object");
        }
        catch (JsonPatchFailure problem)
        {
            throw refusal(problem.Message);
        }
    }

    private static JsonNode? Do(JsonNode? root, JsonObject operation)
    {
        var pointer = operation.Text("path") ?? throw Refused("missing path");
        var path = Segments(pointer);
        switch (operation.Text("op"))
        {
            case "add":
                return Put(root, pointer, Value(operation), insert: true);
            case "replace":
                return Put(root, pointer, Value(operation), insert: false);
            case "remove":
                Remove(root, pointer);
                return root;
            case "test":
                if (!JsonNode.DeepEquals(Find(root, path, missingIsNull: true), operation["value"]))
                    throw Refused($"testing value {pointer} failed: test failed");
                return root;
            case "copy":
                return Put(root, pointer, From(root, operation, out _), insert: true);
            case "move":
                var moved = From(root, operation, out var from);
                Remove(root, from);
                return Put(root, pointer, moved, insert: true);
            case var other:
                throw Refused($"Unexpected kind: {other}");
        }
    }

    private static JsonNode? Value(JsonObject operation) =>
        operation.ContainsKey("value") ? operation["value"]?.DeepClone() : throw Refused("missing value");

    private static JsonNode? From(JsonNode? root, JsonObject operation, out string from)
    {
        from = operation.Text("from") ?? throw Refused("missing from");
        return Find(root, Segments(from), false)?.DeepClone();
    }

    private static string[] Segments(string pointer)
    {
        if (pointer.Length == 0)
            return [];
        return [.. pointer.TrimStart('/').Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static JsonNode? Find(JsonNode? node, ReadOnlySpan<string> path, bool missingIsNull)
    {
        foreach (var segment in path)
        {
            switch (node)
            {
                case JsonObject container when container.TryGetPropertyValue(segment, out var next):
                    node = next;
                    break;
                case JsonArray list when Index(list, segment, forInsert: false) is { } index:
                    node = list[index];
                    break;
                case JsonObject when missingIsNull && segment == path[^1]:
                    return null;
                default:
                    throw Refused($"operation does not apply: doc is missing path: \"/{string.Join('/', path)}\": missing value");
            }
        }

        return node;
    }

    private static JsonNode? Put(JsonNode? root, string pointer, JsonNode? value, bool insert)
    {
        var path = Segments(pointer);
        if (path.Length == 0)
            return value;
        switch (Find(root, path.AsSpan()[..^1], false))
        {
            case JsonObject container:
                container[path[^1]] = value;
                break;
            case JsonArray list when insert:
                list.Insert(Index(list, path[^1], forInsert: true) ?? throw Refused(OutOfBounds("add", pointer, path[^1])), value);
                break;
            case JsonArray list:
                list[Index(list, path[^1], forInsert: false) ?? throw Refused(OutOfBounds("replace", pointer, path[^1]))] = value;
                break;
            default:
                throw Refused($"{(insert ? "add" : "replace")} operation does not apply: doc is missing path: \"{pointer}\": missing value");
        }

        return root;
    }

    private static void Remove(JsonNode? root, string pointer)
    {
        var path = Segments(pointer);
        if (path.Length == 0)
            throw Refused("remove operation does not apply: doc is missing path: \"\": missing value");
        switch (Find(root, path.AsSpan()[..^1], false))
        {
            case JsonObject container when container.Remove(path[^1]):
                break;
            case JsonArray list when Index(list, path[^1], forInsert: false) is { } index:
                list.RemoveAt(index);
                break;
            case JsonArray:
                throw Refused(OutOfBounds("remove", pointer, path[^1]));
            default:
                throw Refused($"error in remove for path: '{pointer}': Unable to remove nonexistent key: {path[^1]}: missing value");
        }
    }

    private static int? Index(JsonArray list, string segment, bool forInsert)
    {
        if (forInsert && segment == "-")
            return list.Count;
        var valid = int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < list.Count + (forInsert ? 1 : 0);
        return valid ? index : null;
    }

    private static string OutOfBounds(string operation, string pointer, string segment) =>
        $"error in {operation} for path: '{pointer}': Unable to access invalid index: {segment}: invalid index referenced";

    private static JsonPatchFailure Refused(string problem) => new(problem);
}
