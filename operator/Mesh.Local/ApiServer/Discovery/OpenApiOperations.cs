using System.Text.Json.Nodes;
using k8s.Models;
using Mesh.Local.ApiServer.Resources;

namespace Mesh.Local.ApiServer.Discovery;

/// <summary>
/// What can be done with a kind at which path. Clients read from it whether a server knows a parameter (dryRun,
/// fieldValidation) and which type stands behind a path.
/// </summary>
internal sealed class OpenApiOperations(OpenApiTypes types, string group, string version)
{
    private static readonly string[] Writing = ["dryRun", "fieldManager", "fieldValidation"];

    private static readonly string[] Listing =
    [
        "allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "resourceVersionMatch",
        "sendInitialEvents", "timeoutSeconds", "watch",
    ];

    private static readonly string[] Deleting = ["dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"];

    public static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["kind"] = kind, ["version"] = version };

    /// <param name="one">The component of the kind.</param>
    /// <param name="many">That of its list.</param>
    public void Add(JsonObject paths, ApiResource resource, JsonObject one, JsonObject? many)
    {
        var served = resource.Version(version)!;
        var root = (group.Length == 0 ? "/api/" : $"/apis/{group}/") + version + "/";
        var inNamespace = resource.Namespaced ? "namespaces/{namespace}/" : "";
        var collection = root + inNamespace + resource.Plural;
        if (!resource.IsStored)
        {
            paths[collection] = Path(resource, collection, Operation("post", "post", "create", resource, one, Writing, body: one));
            return;
        }

        if (resource.Namespaced)
            paths[root + resource.Plural] = Path(resource, root, Operation("get", "list", "list", resource, many!, Listing));
        paths[collection] = Path(
            resource, collection,
            [
                Operation("get", "list", "list", resource, many!, Listing),
                Operation("post", "post", "create", resource, one, Writing, body: one),
                .. resource.Verbs.Contains("deletecollection") ? [Operation("delete", "deletecollection", "delete", resource, Status(), Listing)] : Array.Empty<(string, JsonObject)>(),
            ]);
        var item = collection + "/{name}";
        paths[item] = Path(
            resource, item,
            Operation("get", "get", "read", resource, one, []),
            Operation("put", "put", "replace", resource, one, Writing, body: one),
            Operation("delete", "delete", "delete", resource, Status(), Deleting, body: types.Reference(typeof(V1DeleteOptions))),
            Patch(resource, one));
        if (served.HasStatus)
            paths[item + "/status"] = Aspect(resource, item, one);
        if (served.Scale is not null)
            paths[item + "/scale"] = Aspect(resource, item, types.Reference(typeof(V1Scale)));
        foreach (var action in resource.Actions)
            paths[$"{item}/{action}"] = Action(resource, item, action, one);
        if (!resource.IsCustom)
            AddWatches(paths, resource, root, inNamespace);
    }

    private void AddWatches(JsonObject paths, ApiResource resource, string root, string inNamespace)
    {
        var watched = types.Reference(typeof(V1WatchEvent));
        var collection = $"{root}watch/{inNamespace}{resource.Plural}";
        string[] all = resource.Namespaced ? [$"{root}watch/{resource.Plural}", collection, collection + "/{name}"] : [collection, collection + "/{name}"];
        foreach (var path in all)
            paths[path] = Path(resource, path, Operation("get", path.EndsWith('}') ? "watch" : "watchlist", "watch", resource, watched, Listing));
    }

    private JsonObject Aspect(ApiResource resource, string item, JsonObject type) => Path(
        resource, item,
        Operation("get", "get", "read", resource, type, []),
        Operation("put", "put", "replace", resource, type, Writing, body: type),
        Patch(resource, type));

    private JsonObject Action(ApiResource resource, string item, string action, JsonObject one) => action switch
    {
        "log" => Path(resource, item, Operation("get", "get", "read", resource, new JsonObject { ["type"] = "string" }, [])),
        "finalize" => Path(resource, item, Operation("put", "put", "replace", resource, one, Writing, body: one)),
        "attach" or "exec" or "portforward" => Path(
            resource, item,
            Operation("get", "connect", "connect", resource, new JsonObject { ["type"] = "string" }, []),
            Operation("post", "connect", "connect", resource, new JsonObject { ["type"] = "string" }, [])),
        "binding" => Path(resource, item, Post(resource, typeof(V1Binding))),
        "eviction" => Path(resource, item, Post(resource, typeof(V1Eviction))),
        "token" => Path(resource, item, Post(resource, typeof(Authenticationv1TokenRequest))),
        _ => Aspect(resource, item, one),
    };

    private (string, JsonObject) Post(ApiResource resource, Type type) =>
        Operation("post", "post", "create", resource, types.Reference(type), Writing, body: types.Reference(type));

    private JsonObject Status() => types.Reference(typeof(V1Status));

    private static JsonObject Path(ApiResource resource, string path, params (string Method, JsonObject Operation)[] operations)
    {
        var body = new JsonObject();
        foreach (var (method, operation) in operations)
            body[method] = operation;
        var parameters = new JsonArray();
        if (path.Contains("{name}", StringComparison.Ordinal))
            parameters.Add(InPath("name", $"name of the {resource.Kind}"));
        if (path.Contains("{namespace}", StringComparison.Ordinal))
            parameters.Add(InPath("namespace", "object name and auth scope, such as for teams and projects"));
        if (parameters.Count > 0)
            body["parameters"] = parameters;
        return body;
    }

    private static JsonObject InPath(string name, string description) => new()
    {
        ["name"] = name,
        ["in"] = "path",
        ["description"] = description,
        ["required"] = true,
        ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
    };

    private (string, JsonObject) Patch(ApiResource resource, JsonObject type)
    {
        var patch = types.Simple(OpenApiNames.Patch, new JsonObject { ["type"] = "object" });
        var (method, operation) = Operation("patch", "patch", "partially update", resource, type, [.. Writing, "force"]);
        string[] media = ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"];
        operation["requestBody"] = new JsonObject
        {
            ["content"] = Content(resource.IsCustom ? media : [.. media, "application/strategic-merge-patch+json"], patch),
            ["required"] = true,
        };
        return (method, operation);
    }

    private (string, JsonObject) Operation(
        string method, string action, string does, ApiResource resource, JsonObject answer, string[] parameters, JsonObject? body = null)
    {
        var operation = new JsonObject { ["description"] = $"{does} {resource.Kind}" };
        if (parameters.Length > 0)
        {
            operation["parameters"] = new JsonArray([.. parameters.Select(name => (JsonNode)new JsonObject
            {
                ["name"] = name,
                ["in"] = "query",
                ["schema"] = new JsonObject { ["type"] = TypeOf(name), ["uniqueItems"] = true },
            })]);
        }

        if (body is not null)
            operation["requestBody"] = new JsonObject { ["content"] = Content(["application/json", "application/yaml"], body) };
        operation["responses"] = new JsonObject
        {
            ["200"] = new JsonObject { ["description"] = "OK", ["content"] = Content(["application/json", "application/yaml"], answer) },
        };
        operation["x-kubernetes-action"] = action;
        operation["x-kubernetes-group-version-kind"] = Kind(group, version, resource.Kind);
        return (method, operation);
    }

    private static JsonObject Content(string[] media, JsonObject schema) =>
        new(media.Select(type => KeyValuePair.Create<string, JsonNode?>(type, new JsonObject { ["schema"] = schema.DeepClone() })));

    private static string TypeOf(string parameter) => parameter switch
    {
        "limit" or "timeoutSeconds" or "gracePeriodSeconds" => "integer",
        "allowWatchBookmarks" or "sendInitialEvents" or "watch" or "orphanDependents" or "force" => "boolean",
        _ => "string",
    };
}
