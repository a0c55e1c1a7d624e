using System.Collections.Immutable;

namespace Mesh.Config;

// What a sidecar can be told. A ProxyConfig enters as a document (Document.cs): a manifest and named sections, each
// serialised and hashed once whoever uses it; it leaves as these records. What never happens here: I/O, time, Kubernetes,
// key material (credentials are named, never carried).

/// <summary>Everything one sidecar is told, assembled from its sections.</summary>
public sealed record ProxyConfig
{
    /// <summary>
    /// The newest format this build reads and writes. It reads each before it too, whose members are all still there; a document
    /// with a higher number is refused. What came later than the first carries <see cref="Formats.SinceAttribute"/>.
    /// </summary>
    public const int CurrentFormatVersion = 1;

    /// <summary>Names and hashes of the sections this config was assembled from.</summary>
    public required Manifest Manifest { get; init; }

    /// <summary>Who the proxy is.</summary>
    public required WorkloadConfig Workload { get; init; }

    /// <summary>Settings of the whole mesh.</summary>
    public required MeshSettings Mesh { get; init; }

    /// <summary>What arrives for the application.</summary>
    public required InboundConfig Inbound { get; init; }

    /// <summary>Where the application's own connections are looked up.</summary>
    public required OutboundConfig Outbound { get; init; }

    /// <summary>HTTP route tables, one per service port.</summary>
    public ImmutableArray<RouteTable> Routes { get; init; } = [];

    /// <summary>Destinations with their policies.</summary>
    public ImmutableArray<Cluster> Clusters { get; init; } = [];

    /// <summary>The members of the destinations.</summary>
    public ImmutableArray<EndpointGroup> Endpoints { get; init; } = [];
}
