using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Access;

/// <summary>The ClusterRoles and bindings a cluster begins with (default-roles.yaml), as objects to be stored.</summary>
internal static class DefaultRoles
{
    private const string AggregateLabel = "rbac.authorization.k8s.io/aggregate-to-";

    public static IEnumerable<JsonObject> ClusterRoles() => Document.Map("clusterRoles")!.Select(pair => Role(pair.Key, (JsonObject)pair.Value!));

    public static IEnumerable<JsonObject> ClusterRoleBindings() => Document.Map("clusterRoleBindings")!.Select(pair => new JsonObject
    {
        ["metadata"] = Metadata(pair.Key),
        ["roleRef"] = new JsonObject { ["apiGroup"] = Authorizer.Group, ["kind"] = "ClusterRole", ["name"] = pair.Key },
        ["subjects"] = new JsonArray([.. pair.Value!.AsArray().Select(group => (JsonNode)new JsonObject
        {
            ["kind"] = "Group",
            ["apiGroup"] = Authorizer.Group,
            ["name"] = group!.GetValue<string>(),
        })]),
    });

    private static JsonObject Document
    {
        get
        {
            using var stream = typeof(DefaultRoles).Assembly.GetManifestResourceStream("default-roles.yaml")!;
            using var reader = new StreamReader(stream);
            return (JsonObject)YamlReader.Read(reader.ReadToEnd())!;
        }
    }

    private static JsonObject Role(string name, JsonObject given)
    {
        var metadata = Metadata(name);
        if (given.Text("into") is { } into)
            metadata.Section("labels")[AggregateLabel + into] = "true";
        var role = new JsonObject { ["metadata"] = metadata, ["rules"] = given["rules"]?.DeepClone() };
        if (given.List("aggregate") is { } from)
        {
            role["aggregationRule"] = new JsonObject
            {
                ["clusterRoleSelectors"] = new JsonArray([.. from.Select(one => (JsonNode)new JsonObject
                {
                    ["matchLabels"] = new JsonObject { [AggregateLabel + one!.GetValue<string>()] = "true" },
                })]),
            };
        }

        return role;
    }

    private static JsonObject Metadata(string name) => new()
    {
        ["name"] = name,
        ["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" },
        ["labels"] = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" },
    };
}
