using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>How connections are made; at least one policy is given.</summary>
public sealed record TrafficPolicy
{
    /// <summary>How an endpoint is chosen. Default LEAST_REQUEST.</summary>
    public LoadBalancerSettings? LoadBalancer { get; init; }

    /// <summary>Limits of connections and requests, for each proxy by itself.</summary>
    public ConnectionPoolSettings? ConnectionPool { get; init; }

    /// <summary>When an endpoint that fails is left out for a while.</summary>
    public OutlierDetection? OutlierDetection { get; init; }

    /// <summary>TLS to the service. Absent: the mesh's own mutual TLS where the other side can.</summary>
    public ClientTlsSettings? Tls { get; init; }

    /// <summary>Policies for single ports; each replaces the whole policy for its port.</summary>
    [MaxLength(4096)]
    public IReadOnlyList<PortTrafficPolicy> PortLevelSettings { get; init; } = [];

    /// <summary>Wrap connections in an HTTP tunnel. Excludes <c>proxyProtocol</c>.</summary>
    public TunnelSettings? Tunnel { get; init; }

    /// <summary>Begin connections with a PROXY protocol header. Excludes <c>tunnel</c>.</summary>
    public ProxyProtocolSettings? ProxyProtocol { get; init; }

    /// <summary>How many requests may be retries at once.</summary>
    public RetryBudget? RetryBudget { get; init; }
}
