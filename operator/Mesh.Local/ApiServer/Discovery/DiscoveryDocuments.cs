using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Resources;

namespace Mesh.Local.ApiServer.Discovery;

/// <summary>What a client is told about the kinds served: group lists, resource lists, and both in one (aggregated).</summary>
internal static class DiscoveryDocuments
{
    private static readonly string[] StatusVerbs = ["get", "patch", "update"];

    public static JsonObject CoreVersions(string server) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = server }),
    };

    public static JsonObject Groups(ResourceCatalog catalog) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. catalog.Groups.Where(group => group.Length > 0).Select(group => GroupBody(catalog, group, []))]),
    };

    public static JsonObject Group(ResourceCatalog catalog, string group) =>
        GroupBody(catalog, group, new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" });

    public static JsonObject Resources(ResourceCatalog catalog, string group, string version)
    {
        var body = new JsonObject { ["kind"] = "APIResourceList" };
        if (group.Length > 0)
            body["apiVersion"] = "v1";
        body["groupVersion"] = group.Length == 0 ? version : group + "/" + version;
        var resources = new JsonArray();
        foreach (var resource in catalog.In(group).Where(resource => resource.Version(version) is not null))
        {
            resources.Add(Entry(resource, resource.Plural, resource.Singular, resource.Kind, Verbs(resource), resource));
            foreach (var (name, kind, verbs, kindGroup) in Subresources(resource, resource.Version(version)!))
            {
                var entry = Entry(resource, resource.Plural + "/" + name, "", kind, verbs, null);
                if (kindGroup is not null)
                {
                    entry["group"] = kindGroup;
                    entry["version"] = "v1";
                }

                resources.Add(entry);
            }
        }

        body["resources"] = resources;
        return body;
    }

    /// <summary>APIGroupDiscoveryList v2: the core group for /api, all others for /apis.</summary>
    public static JsonObject Aggregated(ResourceCatalog catalog, bool core)
    {
        var items = new JsonArray();
        foreach (var group in catalog.Groups.Where(group => group.Length == 0 == core))
        {
            var versions = catalog.VersionsOf(group).Select(version => (JsonNode)new JsonObject
            {
                ["version"] = version,
                ["resources"] = new JsonArray([.. catalog.In(group).Where(resource => resource.Version(version) is not null).Select(resource => AggregatedResource(resource, version))]),
                ["freshness"] = "Current",
            });
            items.Add(new JsonObject
            {
                ["metadata"] = group.Length == 0 ? new JsonObject() : new JsonObject { ["name"] = group },
                ["versions"] = new JsonArray([.. versions]),
            });
        }

        return new JsonObject
        {
            ["kind"] = "APIGroupDiscoveryList",
            ["apiVersion"] = "apidiscovery.k8s.io/v2",
            ["metadata"] = new JsonObject(),
            ["items"] = items,
        };
    }

    private static JsonObject AggregatedResource(ApiResource resource, string version)
    {
        var entry = new JsonObject
        {
            ["resource"] = resource.Plural,
            ["responseKind"] = ResponseKind(resource, resource.Kind, null, version),
            ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = resource.Singular,
            ["verbs"] = Texts(Verbs(resource)),
        };
        if (resource.ShortNames.Length > 0)
            entry["shortNames"] = Texts(resource.ShortNames);
        if (resource.Categories.Length > 0)
            entry["categories"] = Texts(resource.Categories);
        var subresources = Subresources(resource, resource.Version(version)!).Select(sub => (JsonNode)new JsonObject
        {
            ["subresource"] = sub.Name,
            ["responseKind"] = ResponseKind(resource, sub.Kind, sub.Group, version),
            ["verbs"] = Texts(sub.Verbs),
        }).ToArray();
        if (subresources.Length > 0)
            entry["subresources"] = new JsonArray(subresources);
        return entry;
    }

    /// <summary>Built-in kinds leave group and version empty here, custom ones name theirs.</summary>
    private static JsonObject ResponseKind(ApiResource resource, string kind, string? group, string version) => new()
    {
        ["group"] = group ?? (resource.IsCustom ? resource.Group : ""),
        ["version"] = group is not null ? "v1" : resource.IsCustom ? version : "",
        ["kind"] = kind,
    };

    private static JsonObject GroupBody(ResourceCatalog catalog, string group, JsonObject body)
    {
        body["name"] = group;
        var versions = catalog.VersionsOf(group).Select(version => (JsonNode)new JsonObject { ["groupVersion"] = group + "/" + version, ["version"] = version }).ToArray();
        body["versions"] = new JsonArray(versions);
        body["preferredVersion"] = versions[0].DeepClone();
        return body;
    }

    private static JsonObject Entry(ApiResource resource, string name, string singular, string kind, IEnumerable<string> verbs, ApiResource? names)
    {
        var entry = new JsonObject
        {
            ["name"] = name,
            ["singularName"] = singular,
            ["namespaced"] = resource.Namespaced,
            ["kind"] = kind,
            ["verbs"] = Texts(verbs),
        };
        if (names is { ShortNames.Length: > 0 })
            entry["shortNames"] = Texts(names.ShortNames);
        if (names is { Categories.Length: > 0 })
            entry["categories"] = Texts(names.Categories);
        if (names is not null && StorageVersionHash.Of(names) is { } hash)
            entry["storageVersionHash"] = hash;
        return entry;
    }

    private static IEnumerable<string> Verbs(ApiResource resource) => resource.IsCustom
        ? ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]
        : resource.Verbs;

    private static IEnumerable<(string Name, string Kind, string[] Verbs, string? Group)> Subresources(ApiResource resource, ServedVersion version)
    {
        var found = new List<(string Name, string Kind, string[] Verbs, string? Group)>();
        if (version.HasStatus)
            found.Add(("status", resource.Kind, StatusVerbs, null));
        if (version.Scale is not null)
            found.Add(("scale", "Scale", StatusVerbs, "autoscaling"));
        foreach (var action in resource.Actions)
        {
            found.Add(action switch
            {
                "binding" => (action, "Binding", ["create"], null),
                "eviction" => (action, "Eviction", ["create"], "policy"),
                "token" => (action, "TokenRequest", ["create"], "authentication.k8s.io"),
                "log" => (action, "Pod", ["get"], null),
                "attach" => (action, "PodAttachOptions", ["create", "get"], null),
                "exec" => (action, "PodExecOptions", ["create", "get"], null),
                "portforward" => (action, "PodPortForwardOptions", ["create", "get"], null),
                "finalize" => (action, resource.Kind, ["update"], null),
                _ => (action, resource.Kind, ["get", "patch", "update"], null),
            });
        }

        return found.OrderBy(sub => sub.Name, StringComparer.Ordinal);
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
