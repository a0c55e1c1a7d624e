namespace Mesh.Api.Networking;

/// <summary>The policy of one port, in place of that of the host; what is left out takes its default.</summary>
public sealed record PortTrafficPolicy
{
    /// <summary>The service's port.</summary>
    public PortSelector? Port { get; init; }

    /// <summary>How an endpoint is chosen.</summary>
    public LoadBalancerSettings? LoadBalancer { get; init; }

    /// <summary>Limits of connections and requests, for each proxy by itself.</summary>
    public ConnectionPoolSettings? ConnectionPool { get; init; }

    /// <summary>When an endpoint that fails is left out for a while.</summary>
    public OutlierDetection? OutlierDetection { get; init; }

    /// <summary>TLS to the service.</summary>
    public ClientTlsSettings? Tls { get; init; }
}
