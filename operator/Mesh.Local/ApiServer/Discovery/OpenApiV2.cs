using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;

namespace Mesh.Local.ApiServer.Discovery;

/// <summary>
/// The older OpenAPI, all groups in one document, made from the newer ones: by it `kubectl apply` computes its patches. What
/// that version has no word for (alternatives, defaults, null) is left out.
/// </summary>
internal static class OpenApiV2
{
    private static readonly string[] Dropped =
        ["default", "nullable", "allOf", "anyOf", "oneOf", "not", "title", "example", "x-kubernetes-selectable-fields"];

    public static JsonObject Build(ResourceCatalog catalog)
    {
        var (paths, definitions) = (new JsonObject(), new JsonObject());
        foreach (var group in catalog.Groups)
        {
            foreach (var version in catalog.VersionsOf(group))
            {
                var document = new OpenApiBuilder(catalog, group, version).Build();
                foreach (var (path, item) in document["paths"]!.AsObject())
                    paths[path] = Path(item!.AsObject());
                foreach (var (name, schema) in document["components"]!["schemas"]!.AsObject())
                    definitions[name] ??= Schema(schema!.AsObject(), top: true);
            }
        }

        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "1.36" },
            ["paths"] = paths,
            ["definitions"] = definitions,
            ["securityDefinitions"] = new JsonObject
            {
                ["BearerToken"] = new JsonObject { ["description"] = "Bearer Token authentication", ["type"] = "apiKey", ["name"] = "authorization", ["in"] = "header" },
            },
            ["security"] = new JsonArray(new JsonObject { ["BearerToken"] = new JsonArray() }),
        };
    }

    private static JsonObject Path(JsonObject item)
    {
        var body = new JsonObject();
        foreach (var (name, value) in item)
            body[name] = name == "parameters" ? Parameters(value!.AsArray()) : Operation(value!.AsObject());
        return body;
    }

    private static JsonObject Operation(JsonObject operation)
    {
        var answer = operation["responses"]?["200"]?["content"]?["application/json"]?["schema"] as JsonObject ?? [];
        var body = new JsonObject
        {
            ["description"] = operation["description"]?.DeepClone(),
            ["consumes"] = new JsonArray("*/*"),
            ["produces"] = new JsonArray("application/json", "application/yaml"),
        };
        if (operation["parameters"] is JsonArray parameters)
            body["parameters"] = Parameters(parameters);
        body["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK", ["schema"] = Schema(answer) } };
        body.CopyFrom(operation, "x-kubernetes-action");
        body.CopyFrom(operation, "x-kubernetes-group-version-kind");
        return body;
    }

    private static JsonArray Parameters(JsonArray parameters) => new([.. parameters.Select(parameter =>
    {
        var plain = new JsonObject { ["uniqueItems"] = true, ["type"] = parameter!["schema"]!["type"]!.DeepClone() };
        foreach (var (name, value) in parameter.AsObject().Where(pair => pair.Key != "schema"))
            plain[name] = value?.DeepClone();
        return (JsonNode)plain;
    })]);

    private static JsonObject Schema(JsonObject schema, bool top = false)
    {
        var body = new JsonObject();
        foreach (var (name, value) in schema)
        {
            if (Dropped.Contains(name) && !(top && name.StartsWith("x-", StringComparison.Ordinal)))
                continue;
            body[name] = (name, value) switch
            {
                ("$ref", _) => value!.GetValue<string>().Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal),
                ("properties", JsonObject map) => new JsonObject(map.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, Schema(pair.Value!.AsObject())))),
                ("items" or "additionalProperties", JsonObject inner) => Schema(inner),
                _ => value?.DeepClone(),
            };
        }

        // A reference stands alone here: its description beside it is the field's own.
        if (schema["allOf"] is JsonArray { Count: 1 } all && all[0]?["$ref"] is not null)
            body["$ref"] = Schema(all[0]!.AsObject())["$ref"]!.DeepClone();
        return Loosen(schema, body, top);
    }

    /// <summary>What may be of more than one type has none in this version.</summary>
    private static JsonObject Loosen(JsonObject schema, JsonObject body, bool top)
    {
        if (schema["oneOf"] is JsonArray && schema["type"] is null && schema["x-kubernetes-int-or-string"] is null)
            body["type"] = "string";
        if (schema["nullable"] is not null || (!top && schema["x-kubernetes-preserve-unknown-fields"] is not null))
        {
            body.Remove("type");
            body.Remove("properties");
            body.Remove("items");
            body.Remove("required");
        }

        return body;
    }
}
