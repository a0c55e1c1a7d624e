using k8s;
using k8s.Models;

namespace Mesh.Operator.Sinks;

/// <summary>A ConfigMap of Istio's control plane: one of them holds its mesh-wide settings.</summary>
[KubernetesEntity(Group = "", Kind = "ConfigMap", ApiVersion = "v1", PluralName = "configmaps")]
public sealed class NeighbourSettings : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "ConfigMap";

    public V1ObjectMeta Metadata { get; set; } = new();

    public IDictionary<string, string>? Data { get; set; }
}
