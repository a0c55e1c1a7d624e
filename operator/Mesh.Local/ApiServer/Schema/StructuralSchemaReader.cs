using System.Collections.Frozen;
using System.Text.Json;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>Reads the schema of one version of a CustomResourceDefinition. The root also gets the fields every object has.</summary>
internal static class StructuralSchemaReader
{
    public static StructuralSchema Root(JsonElement schema)
    {
        var body = Read(schema);
        return With(body, new Dictionary<string, StructuralSchema>(body.Properties)
        {
            ["apiVersion"] = new() { Type = "string" },
            ["kind"] = new() { Type = "string" },
            ["metadata"] = BuiltInSchemas.Metadata,
        });
    }

    private static StructuralSchema Read(JsonElement schema)
    {
        var properties = schema.Properties("properties").ToDictionary(property => property.Name, property => Read(property.Value));
        if (schema.Flag("x-kubernetes-embedded-resource"))
        {
            properties.TryAdd("apiVersion", new StructuralSchema { Type = "string" });
            properties.TryAdd("kind", new StructuralSchema { Type = "string" });
            properties["metadata"] = BuiltInSchemas.Metadata;
        }

        var additional = schema.At("additionalProperties");
        return new StructuralSchema
        {
            Type = schema.Text("type"),
            LazyProperties = new(properties.ToFrozenDictionary()),
            Items = schema.At("items") is { ValueKind: JsonValueKind.Object } items ? Read(items) : null,
            AdditionalProperties = additional switch
            {
                { ValueKind: JsonValueKind.Object } values => Read(values),
                { ValueKind: JsonValueKind.True } => new StructuralSchema { PreserveUnknownFields = true },
                _ => null,
            },
            PreserveUnknownFields = schema.Flag("x-kubernetes-preserve-unknown-fields"),
            IntOrString = schema.Flag("x-kubernetes-int-or-string"),
            EmbeddedResource = schema.Flag("x-kubernetes-embedded-resource"),
            Nullable = schema.Flag("nullable"),
            Default = schema.TryGetProperty("default", out var value) ? value : null,
            ListType = schema.Text("x-kubernetes-list-type"),
            MapKeys = [.. schema.Items("x-kubernetes-list-map-keys").Select(key => key.GetString()!)],
            Atomic = schema.Text("x-kubernetes-map-type") == "atomic",
            Format = schema.Text("format"),
            Source = schema,
        };
    }

    private static StructuralSchema With(StructuralSchema schema, Dictionary<string, StructuralSchema> properties) => new()
    {
        Type = schema.Type ?? "object",
        LazyProperties = new(properties.ToFrozenDictionary()),
        PreserveUnknownFields = schema.PreserveUnknownFields,
        Source = schema.Source,
    };
}
