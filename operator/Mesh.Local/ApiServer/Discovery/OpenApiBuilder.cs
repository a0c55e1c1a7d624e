using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.Discovery;

/// <summary>
/// One document: the paths of its kinds (with the parameters by which kubectl decides what a server can do) and the shapes of
/// everything they hold.
/// </summary>
internal sealed class OpenApiBuilder(ResourceCatalog catalog, string group, string version)
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private readonly JsonObject schemas = [];

    public JsonObject Build()
    {
        var paths = new JsonObject();
        foreach (var resource in catalog.In(group).Where(resource => resource.Version(version) is not null))
            Paths(paths, resource);
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.36" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private void Paths(JsonObject paths, ApiResource resource)
    {
        var served = resource.Version(version)!;
        var root = (group.Length == 0 ? "/api/" : $"/apis/{group}/") + version + "/";
        var collection = resource.Namespaced ? root + "namespaces/{namespace}/" + resource.Plural : root + resource.Plural;
        var type = Reference(Root(resource, served));
        if (resource.Namespaced && resource.IsStored)
            paths[root + resource.Plural] = Item(resource, ("get", "list", type));
        paths[collection] = resource.IsStored
            ? Item(resource, ("get", "list", type), ("post", "post", type), ("delete", "deletecollection", type))
            : Item(resource, ("post", "post", type));
        if (!resource.IsStored)
            return;
        paths[collection + "/{name}"] = Item(resource, ("get", "get", type), ("put", "put", type), ("delete", "delete", type), ("patch", "patch", type));
        if (served.HasStatus)
            paths[collection + "/{name}/status"] = Item(resource, ("get", "get", type), ("put", "put", type), ("patch", "patch", type));
    }

    private JsonObject Item(ApiResource resource, params (string Method, string Action, JsonObject Type)[] operations)
    {
        var item = new JsonObject();
        foreach (var (method, action, type) in operations)
        {
            var operation = new JsonObject
            {
                ["responses"] = new JsonObject
                {
                    ["200"] = new JsonObject { ["description"] = "OK", ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = type.DeepClone() } } },
                },
                ["x-kubernetes-action"] = action,
                ["x-kubernetes-group-version-kind"] = Kind(resource.Group, version, resource.Kind),
            };
            if (method is "post" or "put" or "patch")
            {
                operation["parameters"] = new JsonArray(
                    [.. ((string[])["dryRun", "fieldManager", "fieldValidation"]).Select(name => (JsonNode)new JsonObject
                    {
                        ["name"] = name,
                        ["in"] = "query",
                        ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
                    })]);
            }

            item[method] = operation;
        }

        return item;
    }

    private string Root(ApiResource resource, ServedVersion served)
    {
        var name = resource.IsCustom
            ? string.Join('.', resource.Group.Split('.').Reverse()) + "." + version + "." + resource.Kind
            : Component(resource.Kind);
        if (!schemas.ContainsKey(name))
        {
            var body = resource.IsCustom ? Custom(served) : BuiltIn(served.Schema!);
            body["x-kubernetes-group-version-kind"] = new JsonArray(Kind(resource.Group, version, resource.Kind));
            schemas[name] = body;
        }

        return name;
    }

    /// <summary>The schema as its author wrote it, with the fields every object has.</summary>
    private JsonObject Custom(ServedVersion served)
    {
        var body = served.Schema?.Source?.ToNode() ?? new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        var properties = body.Section("properties");
        properties.Default("apiVersion", new JsonObject { ["type"] = "string" });
        properties.Default("kind", new JsonObject { ["type"] = "string" });
        properties["metadata"] = Reference(Named(BuiltInSchemas.Metadata));
        return body;
    }

    private string Named(StructuralSchema schema)
    {
        var name = Component(schema.TypeName!);
        if (schemas.ContainsKey(name))
            return name;
        schemas[name] = new JsonObject();
        schemas[name] = BuiltIn(schema);
        return name;
    }

    private JsonObject BuiltIn(StructuralSchema schema)
    {
        var body = new JsonObject { ["type"] = "object" };
        if (schema.Description is { } description)
            body["description"] = description;
        if (schema.Properties.Count > 0)
            body["properties"] = new JsonObject(schema.Properties.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, Value(pair.Value))));
        if (schema.Atomic)
            body["x-kubernetes-map-type"] = "atomic";
        return body;
    }

    private JsonObject Value(StructuralSchema schema)
    {
        var body = Shape(schema);
        if (schema.Description is { } description && !body.ContainsKey("$ref"))
            body["description"] = description;
        else if (schema.Description is { } text)
            body = new JsonObject { ["description"] = text, ["allOf"] = new JsonArray(body) };
        return body;
    }

    private JsonObject Shape(StructuralSchema schema)
    {
        if (schema.TypeName is not null)
            return Reference(Named(schema));
        var body = new JsonObject();
        if (schema.Type is not null)
            body["type"] = schema.Type;
        if (schema.IntOrString)
            body[schema.Format == "quantity" ? "type" : "oneOf"] = schema.Format == "quantity" ? "string" : new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" });
        if (schema.Format is not null and not "quantity")
            body["format"] = schema.Format;
        if (schema.AdditionalProperties is { } values)
            body["additionalProperties"] = Value(values);
        if (schema.Atomic)
            body["x-kubernetes-map-type"] = "atomic";
        if (schema.Items is not { } items)
            return body;
        body["items"] = Value(items);
        body["x-kubernetes-list-type"] = schema.ListType;
        if (schema.MapKeys.Length > 0)
            body["x-kubernetes-list-map-keys"] = new JsonArray([.. schema.MapKeys.Select(key => (JsonNode)key)]);
        if (schema.MergeKey is not null)
            body["x-kubernetes-patch-merge-key"] = schema.MergeKey;
        if (schema.MergeKey is not null || schema.MergePrimitives)
            body["x-kubernetes-patch-strategy"] = "merge";
        return body;
    }

    private string Component(string type)
    {
        if (type is "ObjectMeta" or "OwnerReference" or "ManagedFieldsEntry" or "LabelSelector" or "LabelSelectorRequirement" or "Condition" or "ListMeta")
            return Meta + type;
        var package = group.Length == 0 || catalog.In(group).Any(resource => resource.IsCustom) ? "core" : group.Split('.')[0];
        return $"io.k8s.api.{package}.v1.{type}";
    }

    private static JsonObject Reference(string name) => new() { ["$ref"] = "#/components/schemas/" + name };

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["kind"] = kind, ["version"] = version };
}
