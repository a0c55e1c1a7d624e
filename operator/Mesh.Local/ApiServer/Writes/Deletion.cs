using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Kinds;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>
/// Whether a deletion removes an object at once or only marks it: finalizers, a pod's grace period and the propagation
/// policies that are finalizers themselves.
/// </summary>
internal static class Deletion
{
    public const string Foreground = "foregroundDeletion";
    public const string Orphan = "orphan";

    public static void CheckPreconditions(WriteRequest write, DeleteRequest options, StoredObject before)
    {
        if (options.Uid is not null && options.Uid != before.Uid)
        {
            throw StatusException.Conflict(write.Resource with { Plural = write.Resource.Kind, Group = "" }, before.Name,
                $"the UID in the precondition ({options.Uid}) does not match the UID in record ({before.Uid}). The object might have been deleted and then recreated");
        }

        var revision = before.Revision.ToString(CultureInfo.InvariantCulture);
        if (options.ResourceVersion is not null && options.ResourceVersion != revision)
        {
            throw StatusException.Conflict(write.Resource with { Plural = write.Resource.Kind, Group = "" }, before.Name,
                $"the ResourceVersion in the precondition ({options.ResourceVersion}) does not match the ResourceVersion in record ({revision}). The object might have been modified");
        }
    }

    /// <summary>The object marked for deletion; null when it can go at once.</summary>
    public static JsonObject? Plan(ApiResource resource, KindRules kind, DeleteRequest options, StoredObject before, DateTimeOffset now)
    {
        var after = before.Edit();
        var metadata = after.Section("metadata");
        SetPropagation(metadata, options.Propagation);
        var grace = Grace(resource, options, before);
        if (before.IsTerminating)
        {
            var earlier = before.Json.Integer("metadata", "deletionGracePeriodSeconds") ?? 0;
            if (grace < earlier)
            {
                var asked = DateTimeOffset.Parse(metadata.Text("deletionTimestamp")!, CultureInfo.InvariantCulture).AddSeconds(-earlier);
                Mark(metadata, asked, grace);
            }

            return IsDone(resource, after) ? null : after;
        }

        var stays = kind.Lingers || HasFinalizers(resource, after);
        if (!stays && grace == 0)
            return null;
        Mark(metadata, now, grace);
        if (metadata.Integer("generation") is { } generation)
            metadata["generation"] = generation + 1;
        kind.Terminate(after, now);
        return after;
    }

    /// <summary>A pod with no grace left; null for what never had any, and where it is seen so already.</summary>
    public static JsonObject? LastState(ApiResource resource, StoredObject before, DateTimeOffset now)
    {
        var isSeen = before.IsTerminating && before.Json.Integer("metadata", "deletionGracePeriodSeconds") is null or 0;
        if (resource is not { Group: "", Kind: "Pod" } || isSeen)
            return null;
        var after = before.Edit();
        var metadata = after.Section("metadata");
        Mark(metadata, now, 0);
        if (!before.IsTerminating && metadata.Integer("generation") is { } generation)
            metadata["generation"] = generation + 1;
        return after;
    }

    /// <summary>A terminating object with nothing left to wait for.</summary>
    public static bool IsDone(ApiResource resource, JsonObject item) =>
        item.Text("metadata", "deletionTimestamp") is not null
        && !HasFinalizers(resource, item)
        && (item.Integer("metadata", "deletionGracePeriodSeconds") ?? 0) == 0;

    private static bool HasFinalizers(ApiResource resource, JsonObject item) =>
        item.List("metadata", "finalizers") is { Count: > 0 }
        || (resource is { Group: "", Kind: "Namespace" } && item.List("spec", "finalizers") is { Count: > 0 });

    private static void Mark(JsonObject metadata, DateTimeOffset now, long grace)
    {
        metadata["deletionTimestamp"] = Timestamps.Seconds(now.AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
    }

    /// <summary>Only pods linger, and only those that a node runs.</summary>
    private static long Grace(ApiResource resource, DeleteRequest options, StoredObject before)
    {
        if (resource is not { Group: "", Kind: "Pod" } || before.Json.Text("spec", "nodeName") is not { Length: > 0 })
            return 0;
        if (before.Json.Text("status", "phase") is "Succeeded" or "Failed")
            return 0;
        return Math.Max(0, options.GracePeriodSeconds ?? before.Json.Integer("spec", "terminationGracePeriodSeconds") ?? 30);
    }

    private static void SetPropagation(JsonObject metadata, string? policy)
    {
        var wanted = policy switch { "Foreground" => Foreground, "Orphan" => Orphan, _ => null };
        var finalizers = (metadata["finalizers"] as JsonArray)?.Select(item => item!.GetValue<string>()).ToList() ?? [];
        if (policy is not null)
            finalizers.RemoveAll(item => item is Foreground or Orphan);
        if (wanted is not null)
            finalizers.Add(wanted);
        if (finalizers.Count == 0)
            metadata.Remove("finalizers");
        else
            metadata["finalizers"] = new JsonArray([.. finalizers.Select(item => (JsonNode)item)]);
    }
}
