using k8s;
using k8s.Models;

namespace Mesh.Operator.Core.Objects;

/// <summary>A Gateway of the Gateway API, as far as VirtualServices bind to it.</summary>
[KubernetesEntity(Group = "gateway.networking.k8s.io", Kind = "Gateway", ApiVersion = "v1", PluralName = "gateways")]
public sealed class KubernetesGateway : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "gateway.networking.k8s.io/v1";

    public string Kind { get; set; } = "Gateway";

    public V1ObjectMeta Metadata { get; set; } = new();

    public KubernetesGatewaySpec? Spec { get; set; }
}
