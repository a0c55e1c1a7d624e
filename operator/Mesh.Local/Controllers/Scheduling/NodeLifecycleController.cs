using System.Text.Json.Nodes;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers.Scheduling;

/// <summary>
/// Watches over nodes by their leases: one that has not been renewed for too long makes its node Unknown, its pods not ready,
/// and the node tainted; a cordoned node is tainted too. Pods go from nodes whose taints they do not bear, at once or when
/// they have borne them long enough.
/// </summary>
internal sealed class NodeLifecycleController(ClusterView view, KubernetesApi api, ObjectEvents events, TimeProvider time, Action<EntityKey, TimeSpan> later)
{
    private const string LeaseNamespace = "kube-node-lease";
    private const string Silence = "Kubelet stopped posting node status.";

    /// <summary>How long a kubelet may be silent.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        if (view.Nodes.Find(key) is not { Metadata.DeletionTimestamp: null } node) return;
        later(key, Look);
        if (await IsSilentAsync(node, cancellation)) node = await MarkUnknownAsync(node, cancellation);
        var ready = Ready(node)?.Status;
        node = await TaintAsync(node, ready, cancellation);
        if (ready is "False" or "Unknown") await MarkPodsAsync(node, cancellation);
        foreach (var pod in view.Pods.All.Where(pod => pod.Spec.NodeName == node.Metadata.Name)) await EvictAsync(pod, node, cancellation);
    }

    /// <summary>Only a node that has a lease can be silent: others are somebody's own.</summary>
    private async Task<bool> IsSilentAsync(V1Node node, CancellationToken cancellation)
    {
        if (Ready(node)?.Status is not ("True" or "False")) return false;
        var lease = await api.GetAsync<V1Lease>(node.Metadata.Name, LeaseNamespace, cancellation);
        return lease?.Spec?.RenewTime is { } renewed && time.GetUtcNow().UtcDateTime - renewed.ToUniversalTime() > Grace;
    }

    private async Task<V1Node> MarkUnknownAsync(V1Node node, CancellationToken cancellation)
    {
        var now = StatusPatch.Time(StatusPatch.Now(time));
        var conditions = new JsonArray([.. (node.Status?.Conditions ?? []).Select(condition => new JsonObject
        {
            ["type"] = condition.Type,
            ["status"] = "Unknown",
            ["lastHeartbeatTime"] = StatusPatch.Time(condition.LastHeartbeatTime),
            ["lastTransitionTime"] = condition.Status == "Unknown" ? StatusPatch.Time(condition.LastTransitionTime) : now,
            ["reason"] = "NodeStatusUnknown",
            ["message"] = Silence,
        })]);
        events.Tell(ObjectEvent.About(node, false, "NodeNotReady", $"Node {node.Metadata.Name} status is now: NodeNotReady", "node-controller"));
        return await api.PatchAsync<V1Node>(EntityKey.Of(node.Metadata), StatusPatch.Of(node.Metadata, new JsonObject { ["conditions"] = conditions }), "status", cancellation);
    }

    private async Task<V1Node> TaintAsync(V1Node node, string? ready, CancellationToken cancellation)
    {
        var before = node.Spec?.Taints ?? [];
        var wanted = new List<(string Key, string Effect)>();
        if (node.Spec?.Unschedulable == true) wanted.Add((Taints.Unschedulable, Taints.NoSchedule));
        var trouble = ready switch { "False" => Taints.NotReady, "Unknown" => Taints.Unreachable, _ => null };
        if (trouble is not null) wanted.AddRange([(trouble, Taints.NoSchedule), (trouble, Taints.NoExecute)]);
        var kept = before.Where(taint => taint.Key is not (Taints.Unschedulable or Taints.NotReady or Taints.Unreachable) || wanted.Contains((taint.Key, taint.Effect))).ToList();
        var added = wanted.Where(one => !kept.Any(taint => (taint.Key, taint.Effect) == one)).ToList();
        if (added.Count == 0 && kept.Count == before.Count) return node;
        var now = StatusPatch.Time(StatusPatch.Now(time));
        var taints = kept.Select(taint => Json(taint.Key, taint.Value, taint.Effect, StatusPatch.Time(taint.TimeAdded)))
            .Concat(added.Select(one => Json(one.Key, null, one.Effect, now))).ToArray();
        var spec = new JsonObject { ["taints"] = taints.Length == 0 ? null : new JsonArray([.. taints]) };
        return await api.PatchAsync<V1Node>(EntityKey.Of(node.Metadata), new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = node.Metadata.ResourceVersion },
            ["spec"] = spec,
        }.ToJsonString(), null, cancellation);
    }

    /// <summary>Nobody can say that they serve, so they are no endpoints any more.</summary>
    private async Task MarkPodsAsync(V1Node node, CancellationToken cancellation)
    {
        foreach (var pod in view.Pods.All.Where(pod => pod.Spec.NodeName == node.Metadata.Name && PodTemplates.IsReady(pod)))
        {
            var conditions = new JsonArray([.. pod.Status.Conditions.Select(condition => new JsonObject
            {
                ["type"] = condition.Type,
                ["status"] = condition.Type == "Ready" ? "False" : condition.Status,
                ["lastTransitionTime"] = condition.Type == "Ready" ? StatusPatch.Time(StatusPatch.Now(time)) : StatusPatch.Time(condition.LastTransitionTime),
                ["reason"] = condition.Reason,
                ["message"] = condition.Message,
            })]);
            await api.PatchAsync<V1Pod>(EntityKey.Of(pod.Metadata), StatusPatch.Of(pod.Metadata, new JsonObject { ["conditions"] = conditions }), "status", cancellation);
            events.Tell(ObjectEvent.About(pod, true, "NodeNotReady", "Node is not ready", "node-controller"));
        }
    }

    private async Task EvictAsync(V1Pod pod, V1Node node, CancellationToken cancellation)
    {
        var taints = (node.Spec?.Taints ?? []).Where(taint => taint.Effect == Taints.NoExecute).ToList();
        if (taints.Count == 0 || PodTemplates.IsTerminating(pod) || Taints.Stay(pod.Spec, taints) is not { } stay) return;
        var since = taints.Max(taint => taint.TimeAdded) ?? time.GetUtcNow().UtcDateTime;
        var left = since.ToUniversalTime() + stay - time.GetUtcNow().UtcDateTime;
        if (left > TimeSpan.Zero) return;
        events.Tell(ObjectEvent.About(pod, false, "TaintManagerEviction", $"Marking for deletion Pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}", "taint-eviction-controller"));
        await api.DeleteAsync<V1Pod>(pod.Metadata.Name, pod.Metadata.NamespaceProperty, pod.Metadata.Uid, cancellation);
    }

    private static V1NodeCondition? Ready(V1Node node) => node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");

    private static JsonNode Json(string key, string? value, string effect, string? added)
    {
        var taint = new JsonObject { ["key"] = key, ["effect"] = effect };
        if (value is not null) taint["value"] = value;
        if (added is not null) taint["timeAdded"] = added;
        return taint;
    }
}
