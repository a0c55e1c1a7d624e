using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>A destination with its policy: one port of one host, whole or one subset.</summary>
public sealed record Cluster
{
    /// <summary><c>outbound|PORT|SUBSET|HOST</c>, Istio's name, as in the access log.</summary>
    public required string Name { get; init; }

    /// <summary>FQDN.</summary>
    public required string Host { get; init; }

    /// <summary>Service port.</summary>
    public required int Port { get; init; }

    /// <summary>Subset; empty for the whole host.</summary>
    public string Subset { get; init; } = "";

    /// <summary>Service name, for telemetry.</summary>
    public string ServiceName { get; init; } = "";

    /// <summary>Service namespace, for telemetry.</summary>
    public string ServiceNamespace { get; init; } = "";

    /// <summary>What the endpoints speak. Auto: as the client does.</summary>
    public AppProtocol Protocol { get; init; } = AppProtocol.Auto;

    /// <summary>Where the members come from.</summary>
    public Discovery Discovery { get; init; } = Discovery.Endpoints;

    /// <summary>
    /// Name to resolve when <see cref="Discovery"/> is Dns or DnsRoundRobin; empty: the members of the group are, whose
    /// addresses may then be names.
    /// </summary>
    public string DnsName { get; init; } = "";

    /// <summary>Labels that a member must carry (the subset's); empty takes all members of the group.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How a member is chosen. Default least request.</summary>
    public LoadBalancing LoadBalancing { get; init; } = LoadBalancing.LeastRequest;

    /// <summary>Given exactly when <see cref="LoadBalancing"/> is ConsistentHash.</summary>
    public ConsistentHash? ConsistentHash { get; init; }

    /// <summary>New members are given their share little by little.</summary>
    public Warmup? Warmup { get; init; }

    /// <summary>Which localities are preferred; <c>null</c>: none.</summary>
    public LocalityPolicy? Locality { get; init; }

    /// <summary>Limits on connections and requests.</summary>
    public ConnectionPool? Pool { get; init; }

    /// <summary>When failing members are left out for a while; <c>null</c>: never.</summary>
    public OutlierDetection? Outliers { get; init; }

    /// <summary>How members are asked whether they are well; <c>null</c>: they are not.</summary>
    public HealthCheck? HealthCheck { get; init; }

    /// <summary>Limit for opening a connection. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether mutual TLS of the mesh is spoken to the members. Default: to those that take it.</summary>
    public ClientMutualTls MutualTls { get; init; } = ClientMutualTls.Auto;

    /// <summary>TLS of its own kind to the members (outside the mesh); mutual TLS of the mesh is not spoken then.</summary>
    public TlsOrigination? Tls { get; init; }

    /// <summary>Where opaque connections are carried on to by the members; <c>null</c>: they end there. Requests are not concerned.</summary>
    public Tunnel? Tunnel { get; init; }

    /// <summary>Connections begin with a PROXY protocol header that tells whom they are for; <c>null</c>: without.</summary>
    public ProxyProtocolVersion? ProxyProtocol { get; init; }

    /// <summary>Bounds concurrent retries.</summary>
    public RetryBudget RetryBudget { get; init; } = new();
}
