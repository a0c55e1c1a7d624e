using System.Text.Json.Nodes;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers;

/// <summary>Keeps as many pods of a ReplicaSet as it asks for; in surplus, those that do least go first.</summary>
internal sealed class ReplicaSetController(ClusterView view, KubernetesApi api, ObjectEvents events, TimeProvider time, Action<EntityKey, TimeSpan> later)
{
    private const string Component = "replicaset-controller";

    /// <summary>How many pods are made or deleted at the same time.</summary>
    private const int AtOnce = 16;

    private readonly Owned _owned = new();

    public void PodGone(V1Pod pod) => _owned.Gone(pod.Metadata.Uid);

    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        if (view.ReplicaSets.Find(key) is not { } set) return;
        var pods = view.PodsOf(set.Metadata).ToList();
        var unseen = _owned.Unseen(set.Metadata.Uid, pods.Select(p => p.Metadata.Uid));
        var active = pods.Where(p => !_owned.IsDeleted(p) && !PodTemplates.IsFinished(p)).ToList();
        (string Reason, ApiException Problem)? failed = null;
        if (set.Metadata.DeletionTimestamp is null)
        {
            var missing = (set.Spec.Replicas ?? 1) - active.Count - unseen;
            if (missing > 0) failed = await CreateAsync(set, missing, cancellation) is { } refused ? ("FailedCreate", refused) : null;
            else if (missing < 0) await DeleteAsync(set, active, -missing, cancellation);
        }

        var terminating = pods.Count(p => PodTemplates.IsTerminating(p) && !PodTemplates.IsFinished(p));
        await StatusAsync(set, active, terminating, failed, cancellation);
        // Told again later, with the back-off of any failure.
        if (failed is { Problem: var problem }) throw problem;
    }

    private async Task<ApiException?> CreateAsync(V1ReplicaSet set, int count, CancellationToken cancellation)
    {
        ApiException? refused = null;
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (_, token) =>
        {
            // What one pod was refused for, all are.
            if (refused is not null) return;
            try
            {
                var pod = await api.CreateAsync(PodTemplates.Pod(set.Spec.Template, set, "apps/v1", "ReplicaSet"), token);
                _owned.Made(set.Metadata.Uid, pod.Metadata.Uid);
                events.Tell(ObjectEvent.About(set, false, "SuccessfulCreate", "Created pod: " + pod.Metadata.Name, Component));
            }
            catch (ApiException problem)
            {
                if (Interlocked.CompareExchange(ref refused, problem, null) is null)
                    events.Tell(ObjectEvent.About(set, true, "FailedCreate", "Error creating: " + problem.Message, Component));
            }
        });
        return refused;
    }

    private async Task DeleteAsync(V1ReplicaSet set, List<V1Pod> active, int count, CancellationToken cancellation)
    {
        var surplus = active
            .OrderBy(p => string.IsNullOrEmpty(p.Spec.NodeName) ? 0 : 1)
            .ThenBy(p => p.Status?.Phase switch { "Pending" => 0, "Unknown" => 1, _ => 2 })
            .ThenBy(p => PodTemplates.IsReady(p) ? 1 : 0)
            .ThenBy(DeletionCost)
            .ThenByDescending(p => active.Count(other => other.Spec.NodeName == p.Spec.NodeName))
            .ThenByDescending(p => p.Metadata.CreationTimestamp)
            .Take(count);
        await Parallel.ForEachAsync(surplus, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (pod, token) =>
        {
            _owned.Deleted(pod.Metadata.Uid);
            await api.DeleteAsync<V1Pod>(pod.Metadata.Name, pod.Metadata.NamespaceProperty, pod.Metadata.Uid, token);
            events.Tell(ObjectEvent.About(set, false, "SuccessfulDelete", "Deleted pod: " + pod.Metadata.Name, Component));
        });
    }

    private static int DeletionCost(V1Pod pod) =>
        pod.Metadata.Annotations?.TryGetValue("controller.kubernetes.io/pod-deletion-cost", out var text) == true
        && int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var cost) ? cost : 0;

    private async Task StatusAsync(V1ReplicaSet set, List<V1Pod> active, int terminating, (string Reason, ApiException Problem)? failed, CancellationToken cancellation)
    {
        var seconds = set.Spec.MinReadySeconds ?? 0;
        var now = StatusPatch.Now(time);
        var ready = active.Count(PodTemplates.IsReady);
        var available = active.Count(p => PodTemplates.IsAvailable(p, seconds, now));
        if (available < ready) later(EntityKey.Of(set.Metadata), TimeSpan.FromSeconds(1));
        var labels = set.Spec.Template.Metadata?.Labels;
        var labeled = active.Count(p => LabelMatch.Holds(labels, p.Metadata.Labels));
        var before = set.Status;
        var conditions = Conditions(before, failed, now);
        if (before is not null && before.Replicas == active.Count && (before.ReadyReplicas ?? 0) == ready && (before.AvailableReplicas ?? 0) == available
            && (before.FullyLabeledReplicas ?? 0) == labeled && before.TerminatingReplicas == terminating
            && before.ObservedGeneration == set.Metadata.Generation && (before.Conditions?.Count ?? 0) == (conditions?.Count ?? 0)) return;
        await api.PatchAsync<V1ReplicaSet>(EntityKey.Of(set.Metadata), StatusPatch.Of(set.Metadata, new JsonObject
        {
            ["replicas"] = active.Count,
            ["fullyLabeledReplicas"] = StatusPatch.Count(labeled),
            ["readyReplicas"] = StatusPatch.Count(ready),
            ["availableReplicas"] = StatusPatch.Count(available),
            ["terminatingReplicas"] = terminating,
            ["observedGeneration"] = set.Metadata.Generation,
            ["conditions"] = conditions,
        }), "status", cancellation);
    }

    private static JsonArray? Conditions(V1ReplicaSetStatus? before, (string Reason, ApiException Problem)? failed, DateTime now)
    {
        if (failed is not var (reason, problem)) return null;
        var since = before?.Conditions?.FirstOrDefault(condition => condition.Type == "ReplicaFailure")?.LastTransitionTime ?? now;
        return new JsonArray(new JsonObject
        {
            ["type"] = "ReplicaFailure",
            ["status"] = "True",
            ["lastTransitionTime"] = StatusPatch.Time(since),
            ["reason"] = reason,
            ["message"] = problem.Message,
        });
    }
}
