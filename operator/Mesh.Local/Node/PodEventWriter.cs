using k8s.Models;
using Mesh.Local.Node.Pods;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Node;

/// <summary>A node's Events on its pods and their containers.</summary>
internal sealed class PodEventWriter(KubernetesApi api, string? node, TimeProvider time, ILogger log)
{
    private readonly ObjectEvents _events = new(api, time, log);

    public void Tell(PodEvent said) => _events.Tell(new ObjectEvent(Regarding(said), said.Warning, said.Reason, said.Message, "kubelet", node));

    public Task RunAsync(CancellationToken cancellation) => _events.RunAsync(cancellation);

    private static V1ObjectReference Regarding(PodEvent said) => new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Name = said.Pod.Metadata.Name,
        NamespaceProperty = said.Pod.Metadata.NamespaceProperty,
        Uid = said.Pod.Metadata.Uid,
        FieldPath = said.Container is null ? null : $"spec.{(said.Pod.Spec.InitContainers?.Contains(said.Container) == true ? "initContainers" : "containers")}{{{said.Container.Name}}}",
    };
}
