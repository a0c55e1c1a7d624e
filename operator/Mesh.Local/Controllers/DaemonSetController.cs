using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers;

/// <summary>One pod of a DaemonSet on each node its template allows; an update replaces them one at a time.</summary>
internal sealed class DaemonSetController(ClusterView view, KubernetesApi api)
{
    private const string RevisionLabel = "controller-revision-hash";

    private readonly Owned _owned = new();

    public void PodGone(V1Pod pod) => _owned.Gone(pod.Metadata.Uid);

    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        if (view.DaemonSets.Find(key) is not { Metadata.DeletionTimestamp: null } set) return;
        var hash = PodTemplates.Hash(set.Spec.Template);
        var all = view.PodsOf(set.Metadata).ToList();
        var unseen = _owned.Unseen(set.Metadata.Uid, all.Select(p => p.Metadata.Uid));
        var pods = all.Where(p => !_owned.IsDeleted(p)).ToList();
        var nodes = view.Nodes.All.Where(n => LabelMatch.Holds(set.Spec.Template.Spec.NodeSelector, n.Metadata.Labels)).Select(n => n.Metadata.Name).ToHashSet();
        foreach (var node in nodes.Where(n => unseen == 0 && pods.All(p => p.Spec.NodeName != n))) await CreateAsync(set, node, hash, cancellation);
        foreach (var pod in pods.Where(p => !nodes.Contains(p.Spec.NodeName) || PodTemplates.IsFinished(p))) await DeleteAsync(pod, cancellation);
        if (set.Spec.UpdateStrategy?.Type != "OnDelete" && all.Count == pods.Count && pods.All(PodTemplates.IsReady)
            && pods.FirstOrDefault(p => p.Metadata.Labels?.TryGetValue(RevisionLabel, out var h) != true || h != hash) is { } old) await DeleteAsync(old, cancellation);
        await StatusAsync(set, nodes.Count, pods, hash, cancellation);
    }

    private async Task CreateAsync(V1DaemonSet set, string node, string hash, CancellationToken cancellation)
    {
        var pod = PodTemplates.Pod(set.Spec.Template, set, "apps/v1", "DaemonSet");
        pod.Metadata.Labels = new Dictionary<string, string>(pod.Metadata.Labels ?? new Dictionary<string, string>()) { [RevisionLabel] = hash };
        pod.Spec.NodeName = node;
        var made = await api.CreateAsync(pod, cancellation);
        _owned.Made(set.Metadata.Uid, made.Metadata.Uid);
    }

    private async Task DeleteAsync(V1Pod pod, CancellationToken cancellation)
    {
        _owned.Deleted(pod.Metadata.Uid);
        await api.DeleteAsync<V1Pod>(pod.Metadata.Name, pod.Metadata.NamespaceProperty, pod.Metadata.Uid, cancellation);
    }

    private async Task StatusAsync(V1DaemonSet set, int wanted, List<V1Pod> pods, string hash, CancellationToken cancellation)
    {
        var ready = pods.Count(PodTemplates.IsReady);
        var updated = pods.Count(p => p.Metadata.Labels?.TryGetValue(RevisionLabel, out var h) == true && h == hash);
        var before = set.Status;
        if (before?.ObservedGeneration == set.Metadata.Generation && before?.DesiredNumberScheduled == wanted && before.NumberReady == ready
            && before.CurrentNumberScheduled == pods.Count && (before.UpdatedNumberScheduled ?? 0) == updated) return;
        await api.PatchAsync<V1DaemonSet>(EntityKey.Of(set.Metadata), new
        {
            status = new
            {
                observedGeneration = set.Metadata.Generation,
                desiredNumberScheduled = wanted,
                currentNumberScheduled = pods.Count,
                updatedNumberScheduled = updated,
                numberReady = ready,
                numberAvailable = ready,
                numberUnavailable = Math.Max(0, wanted - ready),
                numberMisscheduled = 0,
            },
        }, "status", cancellation);
    }
}
