using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers;

/// <summary>Keeps as many pods of a ReplicaSet as it asks for; in surplus, those that do least go first.</summary>
internal sealed class ReplicaSetController(ClusterView view, KubernetesApi api, TimeProvider time, Action<EntityKey, TimeSpan> later)
{
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
        if (set.Metadata.DeletionTimestamp is null)
        {
            var missing = (set.Spec.Replicas ?? 1) - active.Count - unseen;
            if (missing > 0) await CreateAsync(set, missing, cancellation);
            else if (missing < 0) await DeleteAsync(active, -missing, cancellation);
        }

        await StatusAsync(set, active, cancellation);
    }

    private async Task CreateAsync(V1ReplicaSet set, int count, CancellationToken cancellation)
    {
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (_, token) =>
        {
            var pod = await api.CreateAsync(PodTemplates.Pod(set.Spec.Template, set, "apps/v1", "ReplicaSet"), token);
            _owned.Made(set.Metadata.Uid, pod.Metadata.Uid);
        });
    }

    private async Task DeleteAsync(List<V1Pod> active, int count, CancellationToken cancellation)
    {
        var surplus = active
            .OrderBy(p => string.IsNullOrEmpty(p.Spec.NodeName) ? 0 : 1)
            .ThenBy(p => p.Status?.Phase == "Running" ? 1 : 0)
            .ThenBy(p => PodTemplates.IsReady(p) ? 1 : 0)
            .ThenByDescending(p => p.Metadata.CreationTimestamp)
            .Take(count);
        await Parallel.ForEachAsync(surplus, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (pod, token) =>
        {
            _owned.Deleted(pod.Metadata.Uid);
            await api.DeleteAsync<V1Pod>(pod.Metadata.Name, pod.Metadata.NamespaceProperty, pod.Metadata.Uid, token);
        });
    }

    private async Task StatusAsync(V1ReplicaSet set, List<V1Pod> active, CancellationToken cancellation)
    {
        var seconds = set.Spec.MinReadySeconds ?? 0;
        var now = time.GetUtcNow().UtcDateTime;
        var ready = active.Count(PodTemplates.IsReady);
        var available = active.Count(p => PodTemplates.IsAvailable(p, seconds, now));
        if (available < ready) later(EntityKey.Of(set.Metadata), TimeSpan.FromSeconds(1));
        var before = set.Status;
        if (before is not null && before.Replicas == active.Count && (before.ReadyReplicas ?? 0) == ready && (before.AvailableReplicas ?? 0) == available
            && before.FullyLabeledReplicas == active.Count && before.ObservedGeneration == set.Metadata.Generation) return;
        await api.PatchAsync<V1ReplicaSet>(EntityKey.Of(set.Metadata), new
        {
            status = new
            {
                replicas = active.Count,
                fullyLabeledReplicas = active.Count,
                readyReplicas = ready,
                availableReplicas = available,
                observedGeneration = set.Metadata.Generation,
            },
        }, "status", cancellation);
    }
}
