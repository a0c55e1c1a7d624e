using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.Json;

/// <summary>Keys that an object gives twice, which a JSON tree cannot hold: names them and keeps the last of each.</summary>
internal static class DuplicateKeys
{
    public static void Find(JsonElement element, string path, List<string> repeated)
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

    public static JsonNode? Rebuild(JsonElement element)
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
