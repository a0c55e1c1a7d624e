using System.Text.Json.Serialization;

namespace Mesh.Api.Networking;

/// <summary>What a sidecar is told.</summary>
public sealed record SidecarSpec : ISpecFromUser
{
    /// <summary>The pods of this namespace it is for. Default: all that no other Sidecar selects.</summary>
    public WorkloadLabelSelector? WorkloadSelector { get; init; }

    /// <summary>How the pod's own ports take connections. Default: as its Services and containers say.</summary>
    public IReadOnlyList<SidecarIngressListener> Ingress { get; init; } = [];

    /// <summary>The services the pod calls. Default: all it may see; a list without any host is none.</summary>
    public IReadOnlyList<SidecarEgressListener> Egress { get; init; } = [];

    /// <summary>Limits of connections and requests that arrive at the pod, each of its ports by itself.</summary>
    public ConnectionPoolSettings? InboundConnectionPool { get; init; }

    /// <summary>What happens to connections to destinations nobody knows. Default: as the mesh says.</summary>
    public OutboundTrafficPolicy? OutboundTrafficPolicy { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
