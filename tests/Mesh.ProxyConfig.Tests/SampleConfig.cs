using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.ProxyConfig.Tests;

/// <summary>A small valid config, to be changed in one place by each test.</summary>
internal sealed record SampleConfig
{
    public const string Host = "reviews.default.svc.cluster.local";

    public WorkloadConfig Workload { get; init; } = new() { Namespace = "default", Pod = "productpage-1", Workload = "productpage" };

    public MeshSettings Mesh { get; init; } = new();

    public InboundConfig Inbound { get; init; } = new() { Ports = [new InboundPort { Port = 9080, Protocol = AppProtocol.Http }] };

    public OutboundConfig Outbound { get; init; } = new() { Listeners = [new OutboundListener { Port = 9080, Protocol = AppProtocol.Http, RouteTable = "9080" }] };

    public ImmutableArray<RouteTable> Routes { get; init; } = [TableOf(RouteTo(ClusterName("v1")))];

    public ImmutableArray<ClusterSet> Clusters { get; init; } = [new ClusterSet { Host = Host, Clusters = [ClusterOf("v1"), ClusterOf("v2")] }];

    public ImmutableArray<EndpointSet> Endpoints { get; init; } =
    [
        new EndpointSet { Host = Host, Groups = [new EndpointGroup { Host = Host, Port = 9080, Endpoints = [Member("10.0.0.1", "v1"), Member("10.0.0.2", "v2")] }] },
    ];

    public ImmutableArray<Section> Sections =>
    [
        Section.Of(Workload), Section.Of(Mesh), Section.Of(Inbound), Section.Of(Outbound),
        .. Routes.Select(Section.Of), .. Clusters.Select(Section.Of), .. Endpoints.Select(Section.Of),
    ];

    public static string ClusterName(string subset) => ClusterNames.Outbound(9080, subset, Host);

    public static Cluster ClusterOf(string subset) => new()
    {
        Name = ClusterName(subset),
        Host = Host,
        Port = 9080,
        Subset = subset,
        Labels = ImmutableSortedDictionary<string, string>.Empty.Add("version", subset),
    };

    public static Endpoint Member(string address, string version) => new()
    {
        Address = address,
        Port = 9080,
        Labels = ImmutableSortedDictionary<string, string>.Empty.Add("version", version),
    };

    public static Route RouteTo(string cluster) => new() { Destinations = [new WeightedCluster { Cluster = cluster }] };

    public static RouteTable TableOf(params Route[] routes) => new()
    {
        Name = "9080",
        VirtualHosts = [new VirtualHost { Name = $"{Host}:9080", Domains = ["reviews", Host], Routes = [.. routes] }],
    };

    public byte[] Document(long revision = 1, string podUid = "") => ConfigDocument.Write(ConfigDocument.ManifestOf(Sections, revision, podUid), Sections);

    public Mesh.Config.ProxyConfig Assembled()
    {
        var reading = ConfigReader.Read(Document());
        Assert.Empty(reading.Problems);
        return reading.Config!;
    }
}
