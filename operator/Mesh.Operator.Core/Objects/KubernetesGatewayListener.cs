namespace Mesh.Operator.Core.Objects;

/// <summary>One of its ports.</summary>
public sealed class KubernetesGatewayListener
{
    /// <summary>The host it is for; nothing is any.</summary>
    public string? Hostname { get; set; }
}
