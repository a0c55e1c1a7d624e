using k8s;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers;

/// <summary>Binds each pod to a node that its nodeSelector allows, the emptiest first.</summary>
internal sealed class SchedulerController(ClusterView view, IKubernetes kubernetes, KubernetesApi api, ObjectEvents events)
{
    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        if (view.Pods.Find(key) is not { Metadata.DeletionTimestamp: null } pod || !string.IsNullOrEmpty(pod.Spec.NodeName)) return;
        if (pod.Spec.SchedulingGates is { Count: > 0 } || (pod.Spec.SchedulerName ?? "default-scheduler") != "default-scheduler") return;
        var counts = view.Pods.All.Where(p => !string.IsNullOrEmpty(p.Spec.NodeName)).CountBy(p => p.Spec.NodeName).ToDictionary();
        var node = view.Nodes.All
            .Where(n => n.Spec?.Unschedulable != true && LabelMatch.Holds(pod.Spec.NodeSelector, n.Metadata.Labels))
            .OrderBy(n => counts.GetValueOrDefault(n.Metadata.Name))
            .ThenBy(n => n.Metadata.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        if (node is null)
        {
            await UnschedulableAsync(pod, cancellation);
            return;
        }

        await BindAsync(pod, node.Metadata.Name, cancellation);
        Tell(pod, false, "Scheduled", $"Successfully assigned {key} to {node.Metadata.Name}");
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

    private async Task UnschedulableAsync(V1Pod pod, CancellationToken cancellation)
    {
        var message = $"0/{view.Nodes.All.Count()} nodes are available: none matches the pod's nodeSelector or takes pods.";
        if (pod.Status?.Conditions?.Any(c => c.Type == "PodScheduled" && c.Status == "False" && c.Message == message) == true) return;
        await api.PatchAsync<V1Pod>(EntityKey.Of(pod.Metadata), new
        {
            status = new { conditions = new[] { new { type = "PodScheduled", status = "False", reason = "Unschedulable", message } } },
        }, "status", cancellation);
        Tell(pod, true, "FailedScheduling", message);
    }

    private void Tell(V1Pod pod, bool warning, string reason, string message) => events.Tell(ObjectEvent.About(pod, warning, reason, message, "default-scheduler"));
}
