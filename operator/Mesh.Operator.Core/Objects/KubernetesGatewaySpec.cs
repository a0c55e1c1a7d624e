namespace Mesh.Operator.Core.Objects;

/// <summary>What a Gateway of the Gateway API serves.</summary>
public sealed class KubernetesGatewaySpec
{
    public IList<KubernetesGatewayListener>? Listeners { get; set; }
}
