using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>Every cluster of one host; the unit in which clusters travel.</summary>
public sealed record ClusterSet
{
    /// <summary>The host.</summary>
    public required string Host { get; init; }

    /// <summary>One per port and subset that a route may name.</summary>
    public required ImmutableArray<Cluster> Clusters { get; init; }
}

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

    /// <summary>Name to resolve when <see cref="Discovery"/> is Dns.</summary>
    public string DnsName { get; init; } = "";

    /// <summary>Labels that a member must carry (the subset's); empty takes all members of the group.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How a member is chosen. Default least request.</summary>
    public LoadBalancing LoadBalancing { get; init; } = LoadBalancing.LeastRequest;

    /// <summary>Limit for opening a connection. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bounds concurrent retries.</summary>
    public RetryBudget RetryBudget { get; init; } = new();
}

/// <summary>Where the members of a cluster come from.</summary>
public enum Discovery
{
    /// <summary>From the <see cref="EndpointGroup"/> of host and port.</summary>
    Endpoints,

    /// <summary>The connection's original destination (headless Services, passthrough).</summary>
    OriginalDestination,

    /// <summary>From DNS (ExternalName).</summary>
    Dns,
}

/// <summary>How a member is chosen. Members weighted unequally are drawn by weight in each algorithm.</summary>
public enum LoadBalancing
{
    /// <summary>The less busy of two drawn at random; with unequal weights by weight / (active + 1).</summary>
    LeastRequest,

    /// <summary>In turn.</summary>
    RoundRobin,

    /// <summary>At random.</summary>
    Random,
}

/// <summary>Concurrent retries of a cluster may be at most max(Percent of active requests, MinConcurrency).</summary>
public sealed record RetryBudget
{
    /// <summary>Percent of the active requests. Default 20.</summary>
    public double Percent { get; init; } = 20;

    /// <summary>Always allowed. Default 3.</summary>
    public int MinConcurrency { get; init; } = 3;
}
