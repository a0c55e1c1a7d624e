using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>Drops the fields a custom kind's schema does not know, unless it says to keep them.</summary>
internal static class SchemaPruning
{
    public static void Prune(JsonObject item, StructuralSchema schema) => Walk(item, schema, "", null);

    /// <summary>Names the fields that pruning would drop and leaves them.</summary>
    public static void Unknown(JsonObject item, StructuralSchema schema, List<string> unknown) => Walk(item, schema, "", unknown);

    private static void Walk(JsonNode? node, StructuralSchema schema, string path, List<string>? unknown)
    {
        if (node is JsonArray list && schema.Items is { } items)
        {
            for (var i = 0; i < list.Count; i++)
                Walk(list[i], items, $"{path}[{i}]", unknown);
        }

        if (node is not JsonObject container || schema.IntOrString)
            return;
        foreach (var (name, value) in container.ToList())
        {
            var place = path.Length == 0 ? name : path + "." + name;
            if (schema.Field(name) is { } field)
            {
                Walk(value, field, place, unknown);
            }
            else if (!schema.PreserveUnknownFields)
            {
                if (unknown is null)
                    container.Remove(name);
                else
                    unknown.Add(place);
            }
        }
    }
}
