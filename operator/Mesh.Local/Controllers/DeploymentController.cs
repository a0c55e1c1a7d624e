using System.Globalization;
using k8s;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers;

/// <summary>Rolls a Deployment's pods from one template to the next through ReplicaSets, within maxSurge and maxUnavailable.</summary>
internal sealed class DeploymentController(ClusterView view, KubernetesApi api, TimeProvider time)
{
    private const string HashLabel = "pod-template-hash";
    private const string RevisionAnnotation = "deployment.kubernetes.io/revision";

    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        if (view.Deployments.Find(key) is not { Metadata.DeletionTimestamp: null } deployment) return;
        var sets = view.ReplicaSets.All
            .Where(r => r.Metadata.NamespaceProperty == key.Namespace && r.Metadata.DeletionTimestamp is null
                && r.Metadata.OwnerReferences?.Any(o => o.Controller == true && o.Uid == deployment.Metadata.Uid) == true)
            .ToList();
        var hash = PodTemplates.Hash(deployment.Spec.Template);
        var current = sets.FirstOrDefault(r => r.Metadata.Labels?.TryGetValue(HashLabel, out var h) == true && h == hash);
        var old = sets.Where(r => r != current).ToList();
        if (deployment.Spec.Paused != true)
        {
            current = await EnsureAsync(deployment, current, old, hash, cancellation);
            await ScaleAsync(deployment, current, old, cancellation);
            await ForgetAsync(deployment, old, cancellation);
        }

        await StatusAsync(deployment, current, old, cancellation);
    }

    private async Task<V1ReplicaSet> EnsureAsync(V1Deployment deployment, V1ReplicaSet? current, List<V1ReplicaSet> old, string hash, CancellationToken cancellation)
    {
        var highest = old.Select(Revision).DefaultIfEmpty(0).Max();
        var revision = current is not null && Revision(current) > highest ? Revision(current) : highest + 1;
        var text = revision.ToString(CultureInfo.InvariantCulture);
        if (deployment.Metadata.Annotations?.TryGetValue(RevisionAnnotation, out var told) != true || told != text)
            await api.PatchAsync<V1Deployment>(EntityKey.Of(deployment.Metadata), new { metadata = new { annotations = Revised(text) } }, null, cancellation);
        if (current is not null)
        {
            if (Revision(current) != revision)
                await api.PatchAsync<V1ReplicaSet>(EntityKey.Of(current.Metadata), new { metadata = new { annotations = Revised(text) } }, null, cancellation);
            return current;
        }

        try
        {
            return await api.CreateAsync(NewSet(deployment, hash, text), cancellation);
        }
        catch (ApiException e) when (e.Reason == "AlreadyExists")
        {
            // Made a moment ago and not yet seen.
            return await api.GetAsync<V1ReplicaSet>($"{deployment.Metadata.Name}-{hash}", deployment.Metadata.NamespaceProperty, cancellation)
                ?? throw new IOException($"ReplicaSet {deployment.Metadata.Name}-{hash} came and went");
        }
    }

    private static V1ReplicaSet NewSet(V1Deployment deployment, string hash, string revision)
    {
        var template = KubernetesJson.Deserialize<V1PodTemplateSpec>(KubernetesJson.Serialize(deployment.Spec.Template));
        template.Metadata ??= new V1ObjectMeta();
        template.Metadata.Labels = new Dictionary<string, string>(template.Metadata.Labels ?? new Dictionary<string, string>()) { [HashLabel] = hash };
        return new V1ReplicaSet
        {
            Metadata = new V1ObjectMeta
            {
                Name = $"{deployment.Metadata.Name}-{hash}",
                NamespaceProperty = deployment.Metadata.NamespaceProperty,
                Labels = template.Metadata.Labels,
                Annotations = Revised(revision),
                OwnerReferences = [PodTemplates.Owner(deployment, "apps/v1", "Deployment")],
            },
            Spec = new V1ReplicaSetSpec
            {
                Replicas = 0,
                MinReadySeconds = deployment.Spec.MinReadySeconds,
                Selector = new V1LabelSelector
                {
                    MatchLabels = new Dictionary<string, string>(deployment.Spec.Selector.MatchLabels ?? new Dictionary<string, string>()) { [HashLabel] = hash },
                    MatchExpressions = deployment.Spec.Selector.MatchExpressions,
                },
                Template = template,
            },
        };
    }

    private async Task ScaleAsync(V1Deployment deployment, V1ReplicaSet current, List<V1ReplicaSet> old, CancellationToken cancellation)
    {
        var wanted = deployment.Spec.Replicas ?? 1;
        var oldPods = old.Sum(r => r.Spec.Replicas ?? 0);
        if (deployment.Spec.Strategy?.Type == "Recreate")
        {
            foreach (var set in old) await SetAsync(set, 0, cancellation);
            if (old.All(r => (r.Status?.Replicas ?? 0) == 0)) await SetAsync(current, wanted, cancellation);
            return;
        }

        var rolling = deployment.Spec.Strategy?.RollingUpdate;
        var surge = PodTemplates.Share(rolling?.MaxSurge, wanted, roundUp: true, "25%");
        var unavailable = PodTemplates.Share(rolling?.MaxUnavailable, wanted, roundUp: false, "25%");
        if (surge == 0 && unavailable == 0) unavailable = 1;
        var now = current.Spec.Replicas ?? 0;
        var room = wanted + surge - oldPods - now;
        var target = now > wanted ? wanted : Math.Min(wanted, now + Math.Max(0, room));
        await SetAsync(current, target, cancellation);

        var available = Available(current) + old.Sum(Available);
        var spare = available - (wanted - unavailable);
        foreach (var set in old.OrderBy(r => r.Metadata.CreationTimestamp))
        {
            var size = set.Spec.Replicas ?? 0;
            if (size == 0) continue;
            // Pods that are not available can go at once; of the others only as many as may be missing.
            var broken = size - Available(set);
            var less = Math.Min(size, broken + Math.Max(0, Math.Min(spare, size - broken)));
            spare -= less - Math.Min(broken, less);
            await SetAsync(set, size - less, cancellation);
        }
    }

    /// <summary>Status follows spec with a delay; pods that were told to go no longer count.</summary>
    private static int Available(V1ReplicaSet set) => Math.Min(set.Spec.Replicas ?? 0, set.Status?.AvailableReplicas ?? 0);

    private async Task SetAsync(V1ReplicaSet set, int replicas, CancellationToken cancellation)
    {
        if (set.Spec.Replicas == replicas) return;
        await api.PatchAsync<V1ReplicaSet>(EntityKey.Of(set.Metadata), new { spec = new { replicas } }, null, cancellation);
    }

    private async Task ForgetAsync(V1Deployment deployment, List<V1ReplicaSet> old, CancellationToken cancellation)
    {
        var empty = old.Where(r => r.Spec.Replicas == 0 && (r.Status?.Replicas ?? 0) == 0).OrderBy(Revision).ToList();
        foreach (var set in empty.SkipLast(deployment.Spec.RevisionHistoryLimit ?? 10))
            await api.DeleteAsync<V1ReplicaSet>(set.Metadata.Name, set.Metadata.NamespaceProperty, set.Metadata.Uid, cancellation);
    }

    private async Task StatusAsync(V1Deployment deployment, V1ReplicaSet? current, List<V1ReplicaSet> old, CancellationToken cancellation)
    {
        var wanted = deployment.Spec.Replicas ?? 1;
        var all = current is null ? old : [.. old, current];
        var status = new DeploymentCounts(
            all.Sum(r => r.Status?.Replicas ?? 0), current?.Status?.Replicas ?? 0,
            all.Sum(r => r.Status?.ReadyReplicas ?? 0), all.Sum(r => r.Status?.AvailableReplicas ?? 0));
        var unavailable = PodTemplates.Share(deployment.Spec.Strategy?.RollingUpdate?.MaxUnavailable, wanted, roundUp: false, "25%");
        var enough = status.Available >= wanted - (deployment.Spec.Strategy?.Type == "Recreate" ? 0 : unavailable);
        var complete = status.Updated == wanted && status.Replicas == wanted && status.Available == wanted;
        var name = current?.Metadata.Name;
        V1DeploymentCondition[] conditions =
        [
            Condition(deployment, "Available", enough, enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability."),
            Condition(deployment, "Progressing", true, complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated",
                complete ? $"ReplicaSet \"{name}\" has successfully progressed." : $"ReplicaSet \"{name}\" is progressing."),
        ];
        var before = deployment.Status;
        if (before?.ObservedGeneration == deployment.Metadata.Generation && (before?.Replicas ?? 0) == status.Replicas && (before?.UpdatedReplicas ?? 0) == status.Updated
            && (before?.ReadyReplicas ?? 0) == status.Ready && (before?.AvailableReplicas ?? 0) == status.Available
            && conditions.All(c => before?.Conditions?.Any(b => b.Type == c.Type && b.Status == c.Status && b.Reason == c.Reason && b.Message == c.Message) == true)) return;
        await api.PatchAsync<V1Deployment>(EntityKey.Of(deployment.Metadata), new
        {
            status = new
            {
                observedGeneration = deployment.Metadata.Generation,
                replicas = status.Replicas,
                updatedReplicas = status.Updated,
                readyReplicas = status.Ready,
                availableReplicas = status.Available,
                unavailableReplicas = Math.Max(0, Math.Max(wanted, status.Replicas) - status.Available),
                conditions,
            },
        }, "status", cancellation);
    }

    private V1DeploymentCondition Condition(V1Deployment deployment, string type, bool holds, string reason, string message)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var before = deployment.Status?.Conditions?.FirstOrDefault(c => c.Type == type);
        var status = holds ? "True" : "False";
        var same = before?.Status == status && before.Reason == reason && before.Message == message;
        return new V1DeploymentCondition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime : now,
            LastUpdateTime = same ? before!.LastUpdateTime : now,
        };
    }

    private static Dictionary<string, string> Revised(string revision) => new() { [RevisionAnnotation] = revision };

    private static long Revision(V1ReplicaSet set) =>
        set.Metadata.Annotations?.TryGetValue(RevisionAnnotation, out var text) == true && long.TryParse(text, CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    private sealed record DeploymentCounts(int Replicas, int Updated, int Ready, int Available);
}
