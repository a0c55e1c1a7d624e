using k8s;
using k8s.Models;

namespace Mesh.Operator.Sinks;

/// <summary>The ConfigMap with the roots that Istio's sidecars trust, as it stands in the operator's namespace.</summary>
[KubernetesEntity(Group = "", Kind = "ConfigMap", ApiVersion = "v1", PluralName = "configmaps")]
public sealed class NeighbourRoots : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "ConfigMap";

    public V1ObjectMeta Metadata { get; set; } = new();

    public IDictionary<string, string>? Data { get; set; }
}
