using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Access;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Selection;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Lifecycle;

/// <summary>A ClusterRole with an aggregationRule has the rules of all ClusterRoles its selectors find, whoever writes those.</summary>
internal sealed class RoleAggregation(ObjectStore store, CurrentCatalog catalog, ObjectWrites writes)
{
    public const string Id = "clusterroles." + Authorizer.Group;

    /// <summary>Done when no role changes any more: an aggregated role may itself be part of another.</summary>
    public async Task AggregateAsync(CancellationToken cancellation)
    {
        foreach (var role in store.Collection(Id).State.Values.Where(role => role.Json.At("aggregationRule") is not null))
        {
            var wanted = Rules(role);
            if (!JsonNode.DeepEquals(wanted, role.Edit()["rules"]))
                await WriteAsync(role, wanted, cancellation);
        }
    }

    private JsonArray Rules(StoredObject role)
    {
        var selectors = role.Json.Items("aggregationRule", "clusterRoleSelectors").Select(one => LabelSelector.FromObject(one)).ToList();
        var rules = new JsonArray();
        foreach (var part in store.Collection(Id).State.Values.Where(part => part.Name != role.Name && selectors.Any(selector => selector.Matches(part.Json))))
        {
            foreach (var rule in part.Json.Items("rules").Select(rule => rule.ToNode()).Where(rule => !rules.Any(known => JsonNode.DeepEquals(known, rule))))
                rules.Add(rule);
        }

        return rules;
    }

    private async Task WriteAsync(StoredObject role, JsonArray rules, CancellationToken cancellation)
    {
        var write = WriteRequest.Own(catalog.Now, catalog.Now.Find(Authorizer.Group, "clusterroles")!, "", role.Name) with { FieldManager = "clusterrole-aggregation-controller" };
        await writes.UpdateAsync(
            write,
            before =>
            {
                var after = before.Edit();
                after["rules"] = rules.DeepClone();
                return after;
            },
            cancellation);
    }
}
