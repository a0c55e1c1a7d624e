using System.Text.Json.Nodes;
using k8s.Models;
using Mesh.Local.Controllers.Scheduling;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers;

/// <summary>
/// One pod of a DaemonSet on each node its template allows; an update replaces as many at a time as may be missing, or makes
/// as many beside the old ones as may be too many. The scheduler puts them there, told by their affinity.
/// </summary>
internal sealed class DaemonSetController(ClusterView view, KubernetesApi api, TimeProvider time, Action<EntityKey, TimeSpan> later)
{
    private const string RevisionLabel = "controller-revision-hash";
    private const string NameField = "metadata.name";

    private static readonly (string Key, string Effect)[] Borne =
    [
        (Taints.NotReady, Taints.NoExecute), (Taints.Unreachable, Taints.NoExecute), (Taints.Unschedulable, Taints.NoSchedule),
        ("node.kubernetes.io/disk-pressure", Taints.NoSchedule), ("node.kubernetes.io/memory-pressure", Taints.NoSchedule), ("node.kubernetes.io/pid-pressure", Taints.NoSchedule),
    ];

    private readonly Owned _owned = new();

    public void PodGone(V1Pod pod) => _owned.Gone(pod.Metadata.Uid);

    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        if (view.DaemonSets.Find(key) is not { Metadata.DeletionTimestamp: null } set) return;
        var hash = PodTemplates.Hash(set.Spec.Template);
        var all = view.PodsOf(set.Metadata).ToList();
        var unseen = _owned.Unseen(set.Metadata.Uid, all.Select(p => p.Metadata.Uid));
        var pods = all.Where(p => !_owned.IsDeleted(p)).ToList();
        var wanted = Pod(set, "", hash).Spec;
        var fitting = view.Nodes.All.Where(node => NodeAffinity.Allows(set.Spec.Template.Spec, node)).ToList();
        var nodes = fitting.Where(node => Taints.Repelling(wanted, node) is null).Select(node => node.Metadata.Name).ToHashSet();
        // A taint that only keeps new pods away leaves those that run.
        var keeping = fitting.Where(node => Taints.Stay(wanted, node.Spec?.Taints ?? []) != TimeSpan.Zero).Select(node => node.Metadata.Name).ToHashSet();
        var byNode = pods.Where(pod => !PodTemplates.IsFinished(pod)).ToLookup(NodeOf);
        if (unseen == 0)
        {
            foreach (var node in nodes.Where(node => !byNode.Contains(node) && !all.Any(pod => NodeOf(pod) == node && PodTemplates.IsTerminating(pod)))) await CreateAsync(set, node, hash, cancellation);
            foreach (var pod in pods.Where(pod => !keeping.Contains(NodeOf(pod)) || PodTemplates.IsFinished(pod))) await DeleteAsync(pod, cancellation);
            if (set.Spec.UpdateStrategy?.Type != "OnDelete") await UpdateAsync(set, nodes, byNode, hash, cancellation);
        }

        await StatusAsync(set, nodes, pods, hash, cancellation);
    }

    private async Task UpdateAsync(V1DaemonSet set, HashSet<string> nodes, ILookup<string, V1Pod> byNode, string hash, CancellationToken cancellation)
    {
        var rolling = set.Spec.UpdateStrategy?.RollingUpdate;
        var surge = PodTemplates.Share(rolling?.MaxSurge, nodes.Count, roundUp: true, "0");
        var room = PodTemplates.Share(rolling?.MaxUnavailable, nodes.Count, roundUp: true, "1") - nodes.Count(node => !byNode[node].Any(pod => IsAvailable(set, pod)));
        var beside = nodes.Count(node => byNode[node].Count() > 1);
        foreach (var node in nodes)
        {
            var (old, current) = (byNode[node].Where(pod => !IsCurrent(pod, hash)).ToList(), byNode[node].FirstOrDefault(pod => IsCurrent(pod, hash)));
            if (old.Count == 0) continue;
            var serves = old.Any(pod => IsAvailable(set, pod));
            if (current is not null ? IsAvailable(set, current) || !serves : !serves || (surge == 0 && room-- > 0))
            {
                foreach (var pod in old) await DeleteAsync(pod, cancellation);
            }
            else if (current is null && surge > 0 && beside++ < surge) await CreateAsync(set, node, hash, cancellation);
        }
    }

    private async Task CreateAsync(V1DaemonSet set, string node, string hash, CancellationToken cancellation)
    {
        var made = await api.CreateAsync(Pod(set, node, hash), cancellation);
        _owned.Made(set.Metadata.Uid, made.Metadata.Uid);
    }

    private static V1Pod Pod(V1DaemonSet set, string node, string hash)
    {
        var pod = PodTemplates.Pod(set.Spec.Template, set, "apps/v1", "DaemonSet");
        pod.Metadata.Labels = new Dictionary<string, string>(pod.Metadata.Labels ?? new Dictionary<string, string>()) { [RevisionLabel] = hash };
        var name = new V1NodeSelectorRequirement { Key = NameField, OperatorProperty = "In", Values = [node] };
        pod.Spec.Affinity ??= new V1Affinity();
        pod.Spec.Affinity.NodeAffinity ??= new V1NodeAffinity();
        pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution = new V1NodeSelector { NodeSelectorTerms = [new V1NodeSelectorTerm { MatchFields = [name] }] };
        // It stays where ordinary pods would have to go, and comes where none would be put.
        pod.Spec.Tolerations =
        [
            .. pod.Spec.Tolerations ?? [],
            .. Borne
                .Select(one => new V1Toleration { Key = one.Key, OperatorProperty = "Exists", Effect = one.Effect }),
        ];
        return pod;
    }

    /// <summary>Where it stands, or where it is to stand.</summary>
    private static string NodeOf(V1Pod pod) => !string.IsNullOrEmpty(pod.Spec.NodeName) ? pod.Spec.NodeName
        : (pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms ?? [])
            .SelectMany(term => term.MatchFields ?? []).FirstOrDefault(field => field.Key == NameField)?.Values?.FirstOrDefault() ?? "";

    private async Task DeleteAsync(V1Pod pod, CancellationToken cancellation)
    {
        _owned.Deleted(pod.Metadata.Uid);
        await api.DeleteAsync<V1Pod>(pod.Metadata.Name, pod.Metadata.NamespaceProperty, pod.Metadata.Uid, cancellation);
    }

    private async Task StatusAsync(V1DaemonSet set, HashSet<string> nodes, List<V1Pod> pods, string hash, CancellationToken cancellation)
    {
        var there = pods.Where(pod => nodes.Contains(NodeOf(pod))).GroupBy(NodeOf).ToList();
        var ready = there.Count(node => node.Any(PodTemplates.IsReady));
        var available = there.Count(node => node.Any(pod => IsAvailable(set, pod)));
        var updated = there.Count(node => node.Any(pod => IsCurrent(pod, hash)));
        var misplaced = pods.Count(pod => !nodes.Contains(NodeOf(pod)));
        if (available < ready) later(EntityKey.Of(set.Metadata), TimeSpan.FromSeconds(1));
        var before = set.Status;
        if (before?.ObservedGeneration == set.Metadata.Generation && before?.DesiredNumberScheduled == nodes.Count && before.NumberReady == ready && (before.NumberAvailable ?? 0) == available
            && before.CurrentNumberScheduled == there.Count && (before.UpdatedNumberScheduled ?? 0) == updated && before.NumberMisscheduled == misplaced) return;
        await api.PatchAsync<V1DaemonSet>(EntityKey.Of(set.Metadata), StatusPatch.Of(set.Metadata, new JsonObject
        {
            ["observedGeneration"] = set.Metadata.Generation,
            ["desiredNumberScheduled"] = nodes.Count,
            ["currentNumberScheduled"] = there.Count,
            ["updatedNumberScheduled"] = StatusPatch.Count(updated),
            ["numberReady"] = ready,
            ["numberAvailable"] = StatusPatch.Count(available),
            ["numberUnavailable"] = StatusPatch.Count(Math.Max(0, nodes.Count - available)),
            ["numberMisscheduled"] = misplaced,
        }), "status", cancellation);
    }

    private bool IsAvailable(V1DaemonSet set, V1Pod pod) => PodTemplates.IsAvailable(pod, set.Spec.MinReadySeconds ?? 0, StatusPatch.Now(time));

    private static bool IsCurrent(V1Pod pod, string hash) => pod.Metadata.Labels?.TryGetValue(RevisionLabel, out var revision) == true && revision == hash;
}
