using System.Text.Json.Nodes;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers;

/// <summary>
/// Says of each PodDisruptionBudget how many of its pods may be evicted now: as many as are healthy beyond those it wants
/// left. The eviction itself asks only this status (and notes there what it let go, until the pod is seen to be going).
/// </summary>
internal sealed class DisruptionController(ClusterView view, KubernetesApi api, ObjectEvents events, TimeProvider time, Action<EntityKey, TimeSpan> later)
{
    /// <summary>A pod that was let go and never went counts again after this time.</summary>
    private static readonly TimeSpan Believed = TimeSpan.FromMinutes(2);

    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        if (view.Budgets.Find(key) is not { Metadata.DeletionTimestamp: null } budget) return;
        var pods = view.Pods.All.Where(pod => pod.Metadata.NamespaceProperty == key.Namespace && LabelMatch.Holds(budget.Spec.Selector, pod.Metadata.Labels)).ToList();
        if (pods.Count == 0 && budget.Status?.ObservedGeneration is null) events.Tell(ObjectEvent.About(budget, false, "NoPods", "No matching pods found", "controllermanager"));
        var now = StatusPatch.Now(time);
        var disrupted = StillBelieved(budget, pods, now);
        if (disrupted.Count > 0) later(key, Believed);
        var healthy = pods.Count(pod => PodTemplates.IsReady(pod) && !PodTemplates.IsTerminating(pod) && !disrupted.ContainsKey(pod.Metadata.Name));
        var (expected, desired) = Wanted(budget, pods);
        var allowed = expected <= 0 ? 0 : Math.Max(0, healthy - desired);
        await WriteAsync(budget, healthy, desired, expected, allowed, disrupted, now, cancellation);
    }

    private static Dictionary<string, DateTime> StillBelieved(V1PodDisruptionBudget budget, List<V1Pod> pods, DateTime now) =>
        Disrupted(budget.Status)
            .Where(pair => pair.Value + Believed > now && pods.Any(pod => pod.Metadata.Name == pair.Key && !PodTemplates.IsTerminating(pod)))
            .ToDictionary();

    /// <summary>How many pods there should be, and how many of them must stay healthy.</summary>
    private (int Expected, int Desired) Wanted(V1PodDisruptionBudget budget, List<V1Pod> pods)
    {
        if (budget.Spec.MaxUnavailable is { } unavailable)
        {
            var expected = Expected(pods);
            return (expected, Math.Max(0, expected - PodTemplates.Share(unavailable, expected, roundUp: true, "0")));
        }

        if (budget.Spec.MinAvailable is not { } available) return (pods.Count, 0);
        if (!available.Value.EndsWith('%')) return (pods.Count, PodTemplates.Share(available, 0, roundUp: true, "0"));
        var all = Expected(pods);
        return (all, PodTemplates.Share(available, all, roundUp: true, "0"));
    }

    /// <summary>What the pods' controllers want there to be; a pod without one counts as itself.</summary>
    private int Expected(List<V1Pod> pods)
    {
        var owners = new Dictionary<string, int>();
        foreach (var pod in pods)
        {
            var owner = pod.Metadata.OwnerReferences?.FirstOrDefault(one => one.Controller == true);
            owners[owner?.Uid ?? pod.Metadata.Uid] = owner is null ? 1 : Size(owner, pod.Metadata.NamespaceProperty);
        }

        return owners.Values.Sum();
    }

    private int Size(V1OwnerReference owner, string ns) => owner.Kind switch
    {
        "ReplicaSet" when view.ReplicaSets.Find(ns, owner.Name) is { } set => set.Metadata.OwnerReferences?.FirstOrDefault(one => one.Controller == true) is { Kind: "Deployment" } above
            && view.Deployments.Find(ns, above.Name) is { } deployment ? deployment.Spec.Replicas ?? 1 : set.Spec.Replicas ?? 1,
        "StatefulSet" when view.StatefulSets.Find(ns, owner.Name) is { } set => set.Spec.Replicas ?? 1,
        _ => 0,
    };

    private async Task WriteAsync(
        V1PodDisruptionBudget budget, int healthy, int desired, int expected, int allowed, Dictionary<string, DateTime> disrupted, DateTime now, CancellationToken cancellation)
    {
        var before = budget.Status;
        var condition = Condition(budget, allowed, now);
        if (before is not null && before.CurrentHealthy == healthy && before.DesiredHealthy == desired && before.ExpectedPods == expected && before.DisruptionsAllowed == allowed
            && (before.DisruptedPods?.Count ?? 0) == disrupted.Count && before.ObservedGeneration == budget.Metadata.Generation
            && before.Conditions?.FirstOrDefault(one => one.Type == "DisruptionAllowed")?.Status == condition["status"]!.GetValue<string>()) return;
        await api.PatchAsync<V1PodDisruptionBudget>(EntityKey.Of(budget.Metadata), StatusPatch.Of(budget.Metadata, new JsonObject
        {
            ["observedGeneration"] = budget.Metadata.Generation,
            ["disruptionsAllowed"] = allowed,
            ["currentHealthy"] = healthy,
            ["desiredHealthy"] = desired,
            ["expectedPods"] = expected,
            ["disruptedPods"] = Disrupted(before, disrupted),
            ["conditions"] = new JsonArray(condition),
        }), "status", cancellation);
    }

    private static Dictionary<string, DateTime> Disrupted(V1PodDisruptionBudgetStatus? status) =>
        (status?.DisruptedPods ?? new Dictionary<string, DateTime?>()).ToDictionary(pair => pair.Key, pair => pair.Value ?? DateTime.MinValue);

    /// <summary>As a merge patch: those no longer believed are taken out by name.</summary>
    private static JsonObject? Disrupted(V1PodDisruptionBudgetStatus? before, Dictionary<string, DateTime> now)
    {
        if (now.Count == 0) return null;
        var patch = new JsonObject(now.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, StatusPatch.Time(pair.Value))));
        foreach (var gone in Disrupted(before).Keys.Where(name => !now.ContainsKey(name))) patch[gone] = null;
        return patch;
    }

    private static JsonObject Condition(V1PodDisruptionBudget budget, int allowed, DateTime now)
    {
        var status = allowed > 0 ? "True" : "False";
        var before = budget.Status?.Conditions?.FirstOrDefault(one => one.Type == "DisruptionAllowed");
        return new JsonObject
        {
            ["type"] = "DisruptionAllowed",
            ["status"] = status,
            ["observedGeneration"] = budget.Metadata.Generation,
            ["lastTransitionTime"] = StatusPatch.Time(before?.Status == status ? before.LastTransitionTime : now),
            ["reason"] = allowed > 0 ? "SufficientPods" : "InsufficientPods",
            ["message"] = "",
        };
    }
}
