using System.Text.Json.Nodes;
using k8s.Models;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.Discovery;

/// <summary>
/// What a definition says in one word of its own is published in full, for clients that know only OpenAPI: a number or a text
/// is two alternatives, a whole object inside another has a type and metadata.
/// </summary>
internal static class CustomShapes
{
    public static void Complete(JsonObject properties)
    {
        foreach (var (_, property) in properties)
        {
            if (property is JsonObject schema)
                CompleteOne(schema);
        }
    }

    private static void CompleteOne(JsonObject schema)
    {
        if (schema.Flag("x-kubernetes-int-or-string") && !schema.ContainsKey("anyOf"))
            schema["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" });
        if (schema.Map("properties") is { } inner)
            Complete(inner);
        if (schema["items"] is JsonObject item)
            CompleteOne(item);
        if (schema["additionalProperties"] is JsonObject value)
            CompleteOne(value);
        if (schema.Flag("x-kubernetes-embedded-resource"))
            Embed(schema);
    }

    private static void Embed(JsonObject schema)
    {
        var fields = schema.Section("properties");
        foreach (var name in (ReadOnlySpan<string>)["ApiVersion", "Kind"])
        {
            fields.Default(char.ToLowerInvariant(name[0]) + name[1..], new JsonObject
            {
                ["description"] = Descriptions.Of(typeof(V1Pod).GetProperty(name)!),
                ["type"] = "string",
            });
        }

        fields["metadata"] = new JsonObject { ["description"] = Descriptions.Of(typeof(V1Pod).GetProperty("Metadata")!), ["allOf"] = new JsonArray(OpenApiTypes.Reference(OpenApiNames.Of(typeof(V1ObjectMeta)))) };
        schema.Default("required", new JsonArray("kind", "apiVersion"));
    }
}
