using k8s.Models;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Injection;

/// <summary>What the mesh says about the sidecar of a pod that is about to be made.</summary>
public static class PodStarts
{
    /// <summary>
    /// As in Istio, each over the one before: the mesh's settings, the ProxyConfig of the root namespace, that of the pod's
    /// namespace, the pod's annotation, the ProxyConfig that selects the pod.
    /// </summary>
    public static InjectionSettings For(this InjectionSettings settings, MeshSnapshot snapshot, V1Pod pod)
    {
        var book = ProxyConfigBook.Of(snapshot.ProxyConfigs, snapshot.Settings.RootNamespace, null);
        var space = pod.Metadata?.NamespaceProperty ?? "";
        return settings with
        {
            SharesRoot = snapshot.SharesRoot,
            DnsCapture = snapshot.Settings.DnsCapture,
            Start = book.Below(space).Over(snapshot.Settings.ProxyStart),
            Selected = book.Selecting(space, LabelSet.Of(pod.Metadata?.Labels))?.Start ?? ProxyStart.None,
        };
    }
}
