using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>Fills in defaults of a custom kind; a null where none is allowed counts as absent.</summary>
internal static class SchemaDefaults
{
    public static void Apply(JsonNode? node, StructuralSchema schema)
    {
        switch (node)
        {
            case JsonArray list when schema.Items is { } items:
                foreach (var item in list)
                    Apply(item, items);
                break;
            case JsonObject container:
                Fields(container, schema);
                break;
        }
    }

    private static void Fields(JsonObject container, StructuralSchema schema)
    {
        foreach (var (name, field) in schema.Properties)
        {
            var present = container.TryGetPropertyValue(name, out var value);
            if (present && value is null && !field.Nullable && (field.Default is not null || field.Type is not null))
            {
                container.Remove(name);
                present = false;
            }

            if (!present && field.Default is { ValueKind: not JsonValueKind.Undefined } given)
                container[name] = given.ToAnyNode();
            if (container.TryGetPropertyValue(name, out var now))
                Apply(now, field);
        }

        if (schema.AdditionalProperties is not { } values)
            return;
        foreach (var (name, value) in container.ToList())
        {
            if (schema.Properties.ContainsKey(name))
                continue;
            if (value is null && !values.Nullable && values.Default is { } given)
                container[name] = given.ToAnyNode();
            else
                Apply(value, values);
        }
    }
}
