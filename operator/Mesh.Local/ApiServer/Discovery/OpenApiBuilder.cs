using System.Text.Json.Nodes;
using k8s.Models;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.Discovery;

/// <summary>
/// One OpenAPI 3 document, of one group and version: the paths of its kinds (with the parameters by which kubectl decides what
/// a server can do) and the shapes of everything they hold.
/// </summary>
internal sealed class OpenApiBuilder
{
    private readonly ResourceCatalog catalog;
    private readonly string group;
    private readonly string version;
    private readonly JsonObject components = [];
    private readonly OpenApiTypes types;

    public OpenApiBuilder(ResourceCatalog catalog, string group, string version)
    {
        (this.catalog, this.group, this.version) = (catalog, group, version);
        types = new OpenApiTypes(components);
    }

    public JsonObject Build()
    {
        var paths = new JsonObject();
        var operations = new OpenApiOperations(types, group, version);
        var custom = false;
        foreach (var resource in catalog.In(group).Where(resource => resource.Version(version) is not null))
        {
            custom |= resource.IsCustom;
            var (one, many) = Components(resource);
            operations.Add(paths, resource, one, many);
        }

        if (!custom)
            paths[(group.Length == 0 ? "/api/" : $"/apis/{group}/") + version + "/"] = Discovery();
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = custom
                ? new JsonObject { ["title"] = "Kubernetes CRD Swagger", ["version"] = "v0.1.0" }
                : new JsonObject { ["title"] = "Kubernetes", ["version"] = "1.36" },
            ["paths"] = Sorted(paths),
            ["components"] = new JsonObject { ["schemas"] = Sorted(components) },
        };
    }

    private (JsonObject One, JsonObject? Many) Components(ApiResource resource)
    {
        if (resource.IsCustom)
            return Custom(resource);
        var found = OpenApiNames.TypesOf(resource, version).Select(pair => types.Reference(pair.Type)).ToList();
        return (found[0], found.Count > 1 ? found[1] : null);
    }

    /// <summary>The schema as its author wrote it, with the fields every object has, and its list.</summary>
    private (JsonObject, JsonObject) Custom(ApiResource resource)
    {
        var name = OpenApiNames.Of(resource, version);
        var served = resource.Version(version)!;
        var body = served.Schema?.Source?.ToNode() ?? new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        var properties = body.Section("properties");
        var metadata = OpenApiTypes.Reference(OpenApiNames.Of(typeof(V1ObjectMeta)));
        Describe(properties, "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata", metadata, typeof(V1ObjectMeta));
        Finish(body, resource.Kind, served);
        CustomShapes.Complete(properties);
        components[name] = body;

        var list = new JsonObject
        {
            ["description"] = $"{resource.ListKind} is a list of {resource.Kind}",
            ["type"] = "object",
            ["required"] = new JsonArray("items"),
        };
        var fields = list.Section("properties");
        fields["items"] = new JsonObject
        {
            ["description"] = $"List of {resource.Plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md",
            ["type"] = "array",
            ["items"] = OpenApiTypes.Reference(name),
        };
        var listMeta = OpenApiTypes.Reference(OpenApiNames.Of(typeof(V1ListMeta)));
        Describe(fields, "Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds", listMeta, typeof(V1ListMeta));
        Finish(list, resource.ListKind, served);
        components[name + "List"] = list;
        return (OpenApiTypes.Reference(name), OpenApiTypes.Reference(name + "List"));
    }

    private void Describe(JsonObject properties, string text, JsonObject metadata, Type type)
    {
        types.Reference(type);
        foreach (var name in (ReadOnlySpan<string>)["ApiVersion", "Kind"])
        {
            properties[char.ToLowerInvariant(name[0]) + name[1..]] = new JsonObject
            {
                ["description"] = Descriptions.Of(typeof(V1Pod).GetProperty(name)!),
                ["type"] = "string",
            };
        }

        properties["metadata"] = new JsonObject { ["description"] = text, ["allOf"] = new JsonArray(metadata) };
    }

    private void Finish(JsonObject body, string kind, ServedVersion served)
    {
        body["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiOperations.Kind(group, version, kind));
        if (served.SelectableFields.Length > 0)
            body["x-kubernetes-selectable-fields"] = new JsonArray([.. served.SelectableFields.Select(field => (JsonNode)new JsonObject { ["fieldPath"] = field })]);
    }

    private JsonObject Discovery() => new()
    {
        ["get"] = new JsonObject
        {
            ["description"] = "get available resources",
            ["responses"] = new JsonObject
            {
                ["200"] = new JsonObject
                {
                    ["description"] = "OK",
                    ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = types.Reference(typeof(V1APIResourceList)) } },
                },
            },
        },
    };

    private static JsonObject Sorted(JsonObject map) => new(map.OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));
}
