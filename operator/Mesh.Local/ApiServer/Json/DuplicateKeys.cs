using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.Json;

/// <summary>Finds keys that an object gives twice, which a JSON tree cannot hold.</summary>
internal static class DuplicateKeys
{
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static byte[] Remove(byte[] bytes, List<string> repeated)
    {
        using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 512 });
        Find(document.RootElement, "", repeated);
        return repeated.Count == 0 ? bytes : Rebuild(document.RootElement)!.ToBytes();
    }

    private static void Find(JsonElement element, string path, List<string> repeated)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in element.EnumerateArray())
                Find(item, $"{path}[{index++}]", repeated);
        }

        if (element.ValueKind != JsonValueKind.Object)
            return;
        var names = new HashSet<string>();
        foreach (var property in element.EnumerateObject())
        {
            var place = path.Length == 0 ? property.Name : path + "." + property.Name;
            if (!names.Add(property.Name))
                repeated.Add(place);
            Find(property.Value, place, repeated);
        }
    }

    private static JsonNode? Rebuild(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var made = new JsonObject();
                foreach (var property in element.EnumerateObject())
                    made[property.Name] = Rebuild(property.Value);
                return made;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(Rebuild)]);
            default:
                return element.ToAnyNode();
        }
    }
}
