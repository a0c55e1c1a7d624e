using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers.Scheduling;

/// <summary>Binds each pod to a node that takes it; of one that none takes, the condition and an Event say why.</summary>
internal sealed class SchedulerController(ClusterView view, IKubernetes kubernetes, KubernetesApi api, ObjectEvents events, TimeProvider time)
{
    private const string Name = "default-scheduler";

    // Bound, and not seen as bound yet: the next pod is not placed as if these were nowhere. By their uid.
    private readonly Dictionary<string, V1Pod> _assumed = new(StringComparer.Ordinal);

    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        if (view.Pods.Find(key) is not { Metadata.DeletionTimestamp: null } pod || !string.IsNullOrEmpty(pod.Spec.NodeName)) return;
        if (pod.Spec.SchedulingGates is { Count: > 0 } || (pod.Spec.SchedulerName ?? Name) != Name) return;
        var (node, problem) = Place(pod);
        if (node is null)
        {
            await UnschedulableAsync(pod, problem, cancellation);
            return;
        }

        try
        {
            await BindAsync(pod, node.Metadata.Name, cancellation);
        }
        catch
        {
            lock (_assumed) _assumed.Remove(pod.Metadata.Uid);
            throw;
        }

        Tell(pod, false, "Binding", "Scheduled", $"Successfully assigned {key} to {node.Metadata.Name}");
    }

    private (V1Node? Node, string Problem) Place(V1Pod pod)
    {
        lock (_assumed)
        {
            var pods = view.Pods.All.ToList();
            var unbound = pods.Where(one => string.IsNullOrEmpty(one.Spec.NodeName)).Select(one => one.Metadata.Uid).ToHashSet();
            foreach (var seen in _assumed.Keys.Where(uid => !unbound.Contains(uid)).ToList()) _assumed.Remove(seen);
            var (node, problem) = Placement.Find(pod, view.Nodes.All, pods.Select(one => _assumed.GetValueOrDefault(one.Metadata.Uid, one)));
            if (node is not null)
            {
                var assumed = KubernetesJson.Deserialize<V1Pod>(KubernetesJson.Serialize(pod));
                assumed.Spec.NodeName = node.Metadata.Name;
                _assumed[pod.Metadata.Uid] = assumed;
            }

            return (node, problem);
        }
    }

    private async Task BindAsync(V1Pod pod, string node, CancellationToken cancellation)
    {
        await kubernetes.CoreV1.CreateNamespacedPodBindingAsync(
            new V1Binding
            {
                Metadata = new V1ObjectMeta { Name = pod.Metadata.Name, NamespaceProperty = pod.Metadata.NamespaceProperty, Uid = pod.Metadata.Uid },
                Target = new V1ObjectReference { ApiVersion = "v1", Kind = "Node", Name = node },
            },
            pod.Metadata.Name, pod.Metadata.NamespaceProperty, cancellationToken: cancellation);
    }

    private async Task UnschedulableAsync(V1Pod pod, string message, CancellationToken cancellation)
    {
        var known = pod.Status?.Conditions?.FirstOrDefault(c => c.Type == "PodScheduled");
        if (known?.Status == "False" && known.Message == message) return;
        var condition = new JsonObject
        {
            ["type"] = "PodScheduled",
            ["observedGeneration"] = pod.Metadata.Generation,
            ["status"] = "False",
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = StatusPatch.Time(known?.Status == "False" ? known.LastTransitionTime : StatusPatch.Now(time)),
            ["reason"] = "Unschedulable",
            ["message"] = message,
        };
        await api.PatchAsync<V1Pod>(EntityKey.Of(pod.Metadata), StatusPatch.Of(pod.Metadata, new JsonObject { ["conditions"] = new JsonArray(condition) }), "status", cancellation);
        Tell(pod, true, "Scheduling", "FailedScheduling", message);
    }

    private void Tell(V1Pod pod, bool warning, string action, string reason, string message) =>
        events.Tell(ObjectEvent.About(pod, warning, reason, message, Name) with { Action = action, Host = $"{Name}-{Environment.MachineName}" });
}
