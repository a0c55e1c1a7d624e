using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers.Deployments;

/// <summary>What a rollout writes: sizes and notes of ReplicaSets, and the Deployment's status. Each names the revision it was decided on.</summary>
internal sealed class DeploymentWrites(KubernetesApi api, ObjectEvents events, TimeProvider time)
{
    public DateTime Now => StatusPatch.Now(time);

    /// <summary>True when the set was not of this size.</summary>
    public async Task<bool> ScaleAsync(DeploymentSets sets, V1ReplicaSet set, int size, CancellationToken cancellation)
    {
        var before = DeploymentSets.Size(set);
        var notes = RevisionAnnotations.Scaled(sets);
        if (before == size && notes.All(note => set.Metadata.Annotations?.TryGetValue(note.Key, out var value) == true && value == note.Value)) return false;
        await api.PatchAsync<V1ReplicaSet>(EntityKey.Of(set.Metadata), new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = set.Metadata.ResourceVersion, ["annotations"] = Map(notes) },
            ["spec"] = new JsonObject { ["replicas"] = size },
        }.ToJsonString(), null, cancellation);
        if (before == size) return false;
        Tell(sets.Deployment, string.Create(CultureInfo.InvariantCulture, $"Scaled {(size > before ? "up" : "down")} replica set {set.Metadata.Name} from {before} to {size}"));
        return true;
    }

    public async Task<V1ReplicaSet> NoteAsync(V1ReplicaSet set, Dictionary<string, string> annotations, int? minReadySeconds, CancellationToken cancellation)
    {
        var isSame = annotations.Count == (set.Metadata.Annotations?.Count ?? 0)
            && annotations.All(pair => set.Metadata.Annotations!.TryGetValue(pair.Key, out var value) && value == pair.Value);
        if (isSame && (set.Spec.MinReadySeconds ?? 0) == (minReadySeconds ?? 0)) return set;
        return await api.PatchAsync<V1ReplicaSet>(EntityKey.Of(set.Metadata), new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = set.Metadata.ResourceVersion, ["annotations"] = Map(annotations) },
            ["spec"] = new JsonObject { ["minReadySeconds"] = minReadySeconds },
        }.ToJsonString(), null, cancellation);
    }

    public async Task<V1ReplicaSet> CreateAsync(DeploymentSets sets, V1ReplicaSet set, CancellationToken cancellation)
    {
        try
        {
            var made = await api.CreateAsync(set, cancellation);
            if (made.Spec.Replicas > 0) Tell(sets.Deployment, string.Create(CultureInfo.InvariantCulture, $"Scaled up replica set {made.Metadata.Name} from 0 to {made.Spec.Replicas}"));
            return made;
        }
        catch (ApiException e) when (e.Reason == "AlreadyExists")
        {
            // Made a moment ago and not yet seen.
            return await api.GetAsync<V1ReplicaSet>(set.Metadata.Name, set.Metadata.NamespaceProperty, cancellation)
                ?? throw new IOException($"ReplicaSet {set.Metadata.Name} came and went");
        }
    }

    /// <summary>The Deployment as it is then; nothing is written when nothing is new.</summary>
    public async Task<V1Deployment> StatusAsync(V1Deployment deployment, V1DeploymentStatus status, long? revision, CancellationToken cancellation)
    {
        var text = revision?.ToString(CultureInfo.InvariantCulture);
        var isNoted = text is null || (deployment.Metadata.Annotations?.TryGetValue(RevisionAnnotations.Revision, out var noted) == true && noted == text);
        if (isNoted && JsonNode.DeepEquals(Json(status), Json(deployment.Status ?? new V1DeploymentStatus()))) return deployment;
        var patch = JsonNode.Parse(StatusPatch.Of(deployment.Metadata, Json(status)))!;
        if (!isNoted) patch["metadata"]!["annotations"] = new JsonObject { [RevisionAnnotations.Revision] = text };
        return await api.PatchAsync<V1Deployment>(EntityKey.Of(deployment.Metadata), patch.ToJsonString(), "status", cancellation);
    }

    public Task DeleteAsync(V1ReplicaSet set, CancellationToken cancellation) =>
        api.DeleteAsync<V1ReplicaSet>(set.Metadata.Name, set.Metadata.NamespaceProperty, set.Metadata.Uid, cancellation);

    private void Tell(V1Deployment deployment, string message) =>
        events.Tell(ObjectEvent.About(deployment, false, "ScalingReplicaSet", message, "deployment-controller"));

    private static JsonObject Json(V1DeploymentStatus status) => new()
    {
        ["observedGeneration"] = status.ObservedGeneration,
        ["replicas"] = StatusPatch.Count(status.Replicas ?? 0),
        ["updatedReplicas"] = StatusPatch.Count(status.UpdatedReplicas ?? 0),
        ["readyReplicas"] = StatusPatch.Count(status.ReadyReplicas ?? 0),
        ["availableReplicas"] = StatusPatch.Count(status.AvailableReplicas ?? 0),
        ["unavailableReplicas"] = StatusPatch.Count(status.UnavailableReplicas ?? 0),
        ["terminatingReplicas"] = status.TerminatingReplicas,
        ["collisionCount"] = status.CollisionCount,
        ["conditions"] = status.Conditions is { Count: > 0 } ? new JsonArray([.. status.Conditions.Select(Json)]) : null,
    };

    private static JsonNode Json(V1DeploymentCondition condition) => new JsonObject
    {
        ["type"] = condition.Type,
        ["status"] = condition.Status,
        ["lastUpdateTime"] = StatusPatch.Time(condition.LastUpdateTime),
        ["lastTransitionTime"] = StatusPatch.Time(condition.LastTransitionTime),
        ["reason"] = condition.Reason,
        ["message"] = condition.Message,
    };

    private static JsonObject Map(Dictionary<string, string> pairs) => new(pairs.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)));
}
