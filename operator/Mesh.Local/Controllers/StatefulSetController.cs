using System.Globalization;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers;

/// <summary>
/// Keeps a StatefulSet's numbered pods, one after the other unless it asks for Parallel; an update replaces them from the
/// highest number down. Volume claims are not made: a local mesh has no storage classes, and a pod that needs one says so.
/// </summary>
internal sealed class StatefulSetController(ClusterView view, KubernetesApi api, TimeProvider time, Action<EntityKey, TimeSpan> later)
{
    private const string RevisionLabel = "controller-revision-hash";

    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        if (view.StatefulSets.Find(key) is not { } set) return;
        var revision = $"{set.Metadata.Name}-{PodTemplates.Hash(set.Spec.Template)}";
        var pods = view.PodsOf(set.Metadata).Where(p => Ordinal(set, p) >= 0).ToDictionary(p => Ordinal(set, p));
        if (set.Metadata.DeletionTimestamp is null)
        {
            if (!await FillAsync(set, revision, pods, cancellation)) await UpdateAsync(set, revision, pods, cancellation);
        }

        await StatusAsync(set, revision, [.. pods.Values], cancellation);
    }

    /// <summary>True when the number of pods is not yet right: then nothing else is changed.</summary>
    private async Task<bool> FillAsync(V1StatefulSet set, string revision, Dictionary<int, V1Pod> pods, CancellationToken cancellation)
    {
        var start = set.Spec.Ordinals?.Start ?? 0;
        var end = start + (set.Spec.Replicas ?? 1);
        var parallel = set.Spec.PodManagementPolicy == "Parallel";
        var changed = false;
        for (var i = start; i < end; i++)
        {
            if (!pods.TryGetValue(i, out var pod)) await CreateAsync(set, i, revision, cancellation);
            else if (PodTemplates.IsFinished(pod) && pod.Metadata.DeletionTimestamp is null) await DeleteAsync(pod, cancellation);
            else if (IsAvailable(set, pod) && pod.Metadata.DeletionTimestamp is null) continue;
            changed = true;
            if (!parallel) return true;
        }

        foreach (var (ordinal, pod) in pods.Where(p => p.Key < start || p.Key >= end).OrderByDescending(p => p.Key))
        {
            if (pod.Metadata.DeletionTimestamp is null) await DeleteAsync(pod, cancellation);
            changed = true;
            if (!parallel) return true;
        }

        return changed && !parallel;
    }

    private async Task UpdateAsync(V1StatefulSet set, string revision, Dictionary<int, V1Pod> pods, CancellationToken cancellation)
    {
        if (set.Spec.UpdateStrategy?.Type == "OnDelete") return;
        var partition = set.Spec.UpdateStrategy?.RollingUpdate?.Partition ?? 0;
        foreach (var (ordinal, pod) in pods.OrderByDescending(p => p.Key))
        {
            if (pod.Metadata.DeletionTimestamp is not null) return;
            if (ordinal < partition || Revision(pod) == revision) continue;
            await DeleteAsync(pod, cancellation);
            return;
        }
    }

    private async Task CreateAsync(V1StatefulSet set, int ordinal, string revision, CancellationToken cancellation)
    {
        var pod = PodTemplates.Pod(set.Spec.Template, set, "apps/v1", "StatefulSet");
        var name = string.Create(CultureInfo.InvariantCulture, $"{set.Metadata.Name}-{ordinal}");
        pod.Metadata.Name = name;
        pod.Metadata.Labels = new Dictionary<string, string>(pod.Metadata.Labels ?? new Dictionary<string, string>())
        {
            ["statefulset.kubernetes.io/pod-name"] = name,
            ["apps.kubernetes.io/pod-index"] = ordinal.ToString(CultureInfo.InvariantCulture),
            [RevisionLabel] = revision,
        };
        pod.Spec.Hostname = name;
        pod.Spec.Subdomain = set.Spec.ServiceName;
        try
        {
            await api.CreateAsync(pod, cancellation);
        }
        catch (ApiException e) when (e.Reason == "AlreadyExists")
        {
            // Made a moment ago and not yet seen, or the old one is still ending: its end wakes us again.
        }
    }

    private Task DeleteAsync(V1Pod pod, CancellationToken cancellation) =>
        api.DeleteAsync<V1Pod>(pod.Metadata.Name, pod.Metadata.NamespaceProperty, pod.Metadata.Uid, cancellation);

    private async Task StatusAsync(V1StatefulSet set, string revision, List<V1Pod> pods, CancellationToken cancellation)
    {
        var ready = pods.Count(PodTemplates.IsReady);
        var available = pods.Count(pod => IsAvailable(set, pod));
        if (available < ready) later(EntityKey.Of(set.Metadata), TimeSpan.FromSeconds(1));
        var updated = pods.Count(p => Revision(p) == revision);
        var before = set.Status;
        var current = updated == (set.Spec.Replicas ?? 1) ? revision : before?.CurrentRevision ?? revision;
        if (before?.ObservedGeneration == set.Metadata.Generation && before?.Replicas == pods.Count && (before.ReadyReplicas ?? 0) == ready && (before.AvailableReplicas ?? 0) == available
            && (before.UpdatedReplicas ?? 0) == updated && before.UpdateRevision == revision && before.CurrentRevision == current) return;
        await api.PatchAsync<V1StatefulSet>(EntityKey.Of(set.Metadata), new
        {
            status = new
            {
                observedGeneration = set.Metadata.Generation,
                replicas = pods.Count,
                readyReplicas = ready,
                availableReplicas = available,
                currentReplicas = pods.Count(p => Revision(p) == current),
                updatedReplicas = updated,
                currentRevision = current,
                updateRevision = revision,
                collisionCount = 0,
            },
        }, "status", cancellation);
    }

    private bool IsAvailable(V1StatefulSet set, V1Pod pod) => PodTemplates.IsAvailable(pod, set.Spec.MinReadySeconds ?? 0, StatusPatch.Now(time));

    private static string? Revision(V1Pod pod) => pod.Metadata.Labels?.TryGetValue(RevisionLabel, out var revision) == true ? revision : null;

    private static int Ordinal(V1StatefulSet set, V1Pod pod) =>
        pod.Metadata.Name.StartsWith(set.Metadata.Name + "-", StringComparison.Ordinal)
        && int.TryParse(pod.Metadata.Name[(set.Metadata.Name.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) ? ordinal : -1;
}
