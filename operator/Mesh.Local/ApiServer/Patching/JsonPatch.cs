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

    public static JsonObject Apply(JsonObject item, JsonArray operations)
    {
        if (operations.Count > MostOperations)
        {
            throw new StatusException(413, "RequestEntityTooLarge",
                $"Request entity too large: The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}");
        }

        JsonNode? root = item;
        foreach (var operation in operations)
            root = Do(root, operation as JsonObject ?? throw Refused());
        return root as JsonObject ?? throw Refused();
    }

    private static JsonNode? Do(JsonNode? root, JsonObject operation)
    {
        var path = Segments(operation.Text("path") ?? throw Refused());
        switch (operation.Text("op"))
        {
            case "add":
                return Put(root, path, Value(operation), insert: true);
            case "replace":
                return Put(root, path, Value(operation), insert: false);
            case "remove":
                Remove(root, path);
                return root;
            case "test":
                if (!JsonNode.DeepEquals(Find(root, path, missingIsNull: true), operation["value"]))
                    throw Refused();
                return root;
            case "copy":
                return Put(root, path, Find(root, Segments(operation.Text("from") ?? throw Refused()), false)?.DeepClone(), insert: true);
            case "move":
                var from = Segments(operation.Text("from") ?? throw Refused());
                var moved = Find(root, from, false)?.DeepClone();
                Remove(root, from);
                return Put(root, path, moved, insert: true);
            default:
                throw Refused();
        }
    }

    /// <summary>A value that is not given is null.</summary>
    private static JsonNode? Value(JsonObject operation) => operation["value"]?.DeepClone();

    /// <summary>What stands before the first slash is not looked at, whether there is anything or not.</summary>
    private static string[] Segments(string pointer)
    {
        if (pointer.Length == 0)
            return [];
        if (!pointer.Contains('/', StringComparison.Ordinal))
            throw Refused();
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
                    throw Refused();
            }
        }

        return node;
    }

    private static JsonNode? Put(JsonNode? root, string[] path, JsonNode? value, bool insert)
    {
        if (path.Length == 0)
            return value;
        switch (Find(root, path.AsSpan()[..^1], false))
        {
            case JsonObject container:
                container[path[^1]] = value;
                break;
            case JsonArray list when insert:
                list.Insert(Index(list, path[^1], forInsert: true) ?? throw Refused(), value);
                break;
            case JsonArray list:
                list[Index(list, path[^1], forInsert: false) ?? throw Refused()] = value;
                break;
            default:
                throw Refused();
        }

        return root;
    }

    private static void Remove(JsonNode? root, string[] path)
    {
        if (path.Length == 0)
            throw Refused();
        switch (Find(root, path.AsSpan()[..^1], false))
        {
            case JsonObject container when container.Remove(path[^1]):
                break;
            case JsonArray list when Index(list, path[^1], forInsert: false) is { } index:
                list.RemoveAt(index);
                break;
            default:
                throw Refused();
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

    private static StatusException Refused() =>
        new(422, "Invalid", "the server rejected our request due to an error in our request", []);
}
