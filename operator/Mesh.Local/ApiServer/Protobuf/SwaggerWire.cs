using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Protobuf;

/// <summary>
/// An OpenAPI 2 document in the protobuf form clients ask for (openapi.v2.Document of gnostic): kubectl reads the types and
/// their extensions from it. The numbers are those of that format's fields.
/// </summary>
internal static class SwaggerWire
{
    public const string MediaType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    public static byte[] Write(JsonObject document)
    {
        var writer = new WireWriter();
        writer.Text(1, document.Text("swagger"));
        writer.Message(2, info =>
        {
            info.Text(1, document.Text("info", "title"));
            info.Text(2, document.Text("info", "version"));
        });
        writer.Message(8, paths =>
        {
            foreach (var (path, item) in document.Map("paths")!)
                Named(paths, 2, path, value => PathItem(value, item!.AsObject()));
        });
        writer.Message(9, definitions =>
        {
            foreach (var (name, schema) in document.Map("definitions")!)
                Named(definitions, 1, name, value => Schema(value, schema!.AsObject()));
        });
        return [.. writer.Written];
    }

    private static void Named(WireWriter writer, int field, string name, Action<WireWriter> value) => writer.Message(field, pair =>
    {
        pair.Text(1, name);
        pair.Message(2, value);
    });

    private static void PathItem(WireWriter writer, JsonObject item)
    {
        foreach (var (field, method) in ((int, string)[])[(2, "get"), (3, "put"), (4, "post"), (5, "delete"), (8, "patch")])
        {
            if (item[method] is JsonObject operation)
                writer.Message(field, one => Operation(one, operation));
        }

        Parameters(writer, 9, item);
    }

    private static void Operation(WireWriter writer, JsonObject operation)
    {
        writer.Text(3, operation.Text("description"));
        Texts(writer, 6, operation["produces"]);
        Texts(writer, 7, operation["consumes"]);
        Parameters(writer, 8, operation);
        writer.Message(9, responses =>
        {
            foreach (var (code, response) in operation.Map("responses")!)
            {
                Named(responses, 1, code, value => value.Message(1, one =>
                {
                    one.Text(1, response.Text("description"));
                    one.Message(2, item => item.Message(1, schema => Schema(schema, response.Map("schema")!)));
                }));
            }
        });
        Extensions(writer, 13, operation);
    }

    /// <summary>Parameters of a query and of a path, which are the only ones there are.</summary>
    private static void Parameters(WireWriter writer, int field, JsonObject owner)
    {
        foreach (var parameter in owner.List("parameters") ?? [])
        {
            var inPath = parameter.Text("in") == "path";
            writer.Message(field, item => item.Message(1, one => one.Message(2, plain => plain.Message(inPath ? 4 : 3, value =>
            {
                value.Flag(1, parameter.Flag("required"));
                value.Text(2, parameter.Text("in"));
                value.Text(3, parameter.Text("description"));
                value.Text(4, parameter.Text("name"));
                value.Text(inPath ? 5 : 6, parameter.Text("type"));
            }))));
        }
    }

    private static void Schema(WireWriter writer, JsonObject schema)
    {
        writer.Text(1, schema.Text("$ref"));
        writer.Text(2, schema.Text("format"));
        writer.Text(4, schema.Text("description"));
        Limits(writer, schema);
        Texts(writer, 19, schema["required"]);
        foreach (var value in schema.List("enum") ?? [])
            writer.Message(20, one => one.Text(2, value?.ToJsonString()));
        if (schema.Map("additionalProperties") is { } values)
            writer.Message(21, item => item.Message(1, one => Schema(one, values)));
        if (schema.Text("type") is { } type)
            writer.Message(22, item => item.Text(1, type));
        if (schema.Map("items") is { } items)
            writer.Message(23, item => item.Message(1, one => Schema(one, items)));
        if (schema.Map("properties") is { } properties)
        {
            writer.Message(25, map =>
            {
                foreach (var (name, property) in properties)
                    Named(map, 1, name, value => Schema(value, property!.AsObject()));
            });
        }

        Extensions(writer, 31, schema);
    }

    private static void Limits(WireWriter writer, JsonObject schema)
    {
        foreach (var (field, name) in ((int, string)[])[(6, "multipleOf"), (7, "maximum"), (9, "minimum")])
        {
            if (schema[name] is JsonValue limit && limit.TryGetValue<double>(out var value))
                writer.Real(field, value);
        }

        writer.Flag(8, schema.Flag("exclusiveMaximum"));
        writer.Flag(10, schema.Flag("exclusiveMinimum"));
        writer.Text(13, schema.Text("pattern"));
        foreach (var (field, name) in ((int, string)[])[(11, "maxLength"), (12, "minLength"), (14, "maxItems"), (15, "minItems"), (17, "maxProperties"), (18, "minProperties")])
        {
            if (schema.Integer(name) is { } limit)
                writer.Number(field, limit);
        }
    }

    /// <summary>Values of extensions are YAML texts, of which JSON is a part.</summary>
    private static void Extensions(WireWriter writer, int field, JsonObject owner)
    {
        foreach (var (name, value) in owner.Where(pair => pair.Key.StartsWith("x-", StringComparison.Ordinal)))
            Named(writer, field, name, one => one.Text(2, value?.ToJsonString()));
    }

    private static void Texts(WireWriter writer, int field, JsonNode? texts)
    {
        foreach (var text in texts as JsonArray ?? [])
            writer.Text(field, text!.GetValue<string>());
    }
}
