using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Patching;

/// <summary>
/// RFC 6902, with the liberties Kubernetes takes: "replace" of what is not there adds it, a missing value is null, an index may
/// count from the end, and what stands before the first slash of a pointer is not looked at. An operation that cannot be done refuses the whole patch.
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
                $"Request entity too large: The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}");
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

    /// <summary>A value that is not given is null.</summary>
    private static JsonNode? Value(JsonObject operation) => operation["value"]?.DeepClone();

    private static JsonNode? From(JsonNode? root, JsonObject operation, out string from)
    {
        from = operation.Text("from") ?? throw Refused("missing from");
        return Find(root, Segments(from), false)?.DeepClone();
    }

    /// <summary>What stands before the first slash is not looked at, whether there is anything or not.</summary>
    private static string[] Segments(string pointer)
    {
        if (pointer.Length == 0)
            return [];
        if (!pointer.Contains('/', StringComparison.Ordinal))
            throw Refused($"operation does not apply: doc is missing path: \"{pointer}\": missing value");
        return [.. pointer.Split('/').Skip(1).Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
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
        var most = list.Count + (forInsert ? 1 : 0);
        if (!int.TryParse(segment, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
            return null;
        // Counted from the end where it is negative.
        index += index < 0 ? most : 0;
        return index >= 0 && index < most ? index : null;
    }

    private static string OutOfBounds(string operation, string pointer, string segment) =>
        $"error in {operation} for path: '{pointer}': Unable to access invalid index: {segment}: invalid index referenced";

    private static JsonPatchFailure Refused(string problem) => new(problem);
}
