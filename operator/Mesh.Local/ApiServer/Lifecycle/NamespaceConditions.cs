using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Lifecycle;

/// <summary>How far the emptying of a namespace has come, as its conditions tell it. Pure.</summary>
internal static class NamespaceConditions
{
    public static JsonArray Of(JsonArray before, List<(ApiResource Resource, StoredObject Item)> left, string now)
    {
        var remaining = left.GroupBy(one => one.Resource).Select(group => $"{group.Key.Plural}.{group.Key.Group} has {group.Count()} resource instances");
        var finalizers = left.SelectMany(one => one.Item.Json.Items("metadata", "finalizers")).GroupBy(name => name.GetString())
            .Select(group => $"{group.Key} in {group.Count()} resource instances").ToList();
        var conditions = new JsonArray();
        Add("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered");
        Add("NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions", "All legacy kube types successfully parsed");
        Add("NamespaceDeletionContentFailure", false, "ContentDeleted", "All content successfully deleted, may be waiting on finalization");
        if (left.Count > 0)
            Add("NamespaceContentRemaining", true, "SomeResourcesRemain", "Some resources are remaining: " + string.Join(", ", remaining));
        else
            Add("NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed");
        if (finalizers.Count > 0)
            Add("NamespaceFinalizersRemaining", true, "SomeFinalizersRemain", "Some content in the namespace has finalizers remaining: " + string.Join(", ", finalizers));
        else
            Add("NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers", "All content-preserving finalizers finished");
        return conditions;

        void Add(string type, bool holds, string reason, string message)
        {
            var status = holds ? "True" : "False";
            var known = before.FirstOrDefault(one => one.Text("type") == type);
            conditions.Add(new JsonObject
            {
                ["type"] = type,
                ["status"] = status,
                ["lastTransitionTime"] = known.Text("status") == status ? known.Text("lastTransitionTime") : now,
                ["reason"] = reason,
                ["message"] = message,
            });
        }
    }
}
