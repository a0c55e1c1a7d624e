using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Health;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Sidecar.Tests;

/// <summary>A small valid config, to be changed in one place by each test.</summary>
internal sealed record TestConfig
{
    public const string Host = "reviews.default.svc.cluster.local";

    public string PodUid { get; init; } = "";

    public MeshSettings Mesh { get; init; } = new();

    public InboundConfig Inbound { get; init; } = new() { Ports = [new InboundPort { Port = 9080, Protocol = AppProtocol.Http }] };

    public OutboundConfig Outbound { get; init; } = new() { Listeners = [new OutboundListener { Port = 9080, Protocol = AppProtocol.Http, RouteTable = "9080" }] };

    public ImmutableArray<RouteTable> Routes { get; init; } = [TableOf(RouteTo("v1"))];

    public ImmutableArray<ClusterSet> Clusters { get; init; } = [new ClusterSet { Host = Host, Clusters = [ClusterOf(""), ClusterOf("v1"), ClusterOf("v2")] }];

    public ImmutableArray<EndpointSet> Endpoints { get; init; } = [EndpointsOf(Member("10.0.0.1", "v1"), Member("10.0.0.2", "v2"))];

    public ImmutableArray<Section> Sections =>
    [
        Section.Of(new WorkloadConfig { Namespace = "default", Pod = "productpage-1", Workload = "productpage" }),
        Section.Of(Mesh), Section.Of(Inbound), Section.Of(Outbound),
        .. Routes.Select(Section.Of), .. Clusters.Select(Section.Of), .. Endpoints.Select(Section.Of),
    ];

    public static string ClusterName(string subset) => ClusterNames.Outbound(9080, subset, Host);

    public static Cluster ClusterOf(string subset, LoadBalancing algorithm = LoadBalancing.LeastRequest) => new()
    {
        Name = ClusterName(subset),
        Host = Host,
        Port = 9080,
        Subset = subset,
        LoadBalancing = algorithm,
        Labels = subset.Length == 0 ? ImmutableSortedDictionary<string, string>.Empty : ImmutableSortedDictionary<string, string>.Empty.Add("version", subset),
    };

    public static Mesh.Config.Endpoint Member(string address, string version, int weight = 1, int port = 9080) => new()
    {
        Address = address,
        Port = port,
        Weight = weight,
        Labels = ImmutableSortedDictionary<string, string>.Empty.Add("version", version),
    };

    public static EndpointSet EndpointsOf(params Mesh.Config.Endpoint[] members) =>
        new() { Host = Host, Groups = [new EndpointGroup { Host = Host, Port = 9080, Endpoints = [.. members] }] };

    public static Mesh.Config.Route RouteTo(string subset, params RequestMatch[] matches) => new()
    {
        Name = subset,
        Matches = [.. matches],
        Destinations = [new WeightedCluster { Cluster = ClusterName(subset) }],
    };

    public static RouteTable TableOf(params Mesh.Config.Route[] routes) => new()
    {
        Name = "9080",
        VirtualHosts = [new VirtualHost { Name = $"{Host}:9080", Domains = ["reviews", Host], Routes = [.. routes] }],
    };

    public byte[] Document(long revision = 1) => ConfigDocument.Write(ConfigDocument.ManifestOf(Sections, revision, PodUid), Sections);

    public ProxySnapshot Compile()
    {
        var loader = new TestLoader();
        Assert.Equal(LoadOutcome.Taken, loader.Load(this));
        return loader.State.Current!;
    }
}

/// <summary>A loader with its state, as the sidecar puts them together.</summary>
internal sealed class TestLoader
{
    public TestLoader(string podUid = "", DnsPools.Resolver? resolve = null, TimeProvider? clock = null)
    {
        var dns = new DnsPools(resolve ?? ((_, _) => Task.FromResult<System.Net.IPAddress[]>([])), _ => false, clock ?? TimeProvider.System, NullLogger<DnsPools>.Instance);
        States = new LiveStates();
        State = new ProxyState(new ProxyReport { Sequence = 0, Instance = "test" });
        Loader = new ConfigLoader(State, new SnapshotCompiler(States, dns), States, dns, podUid, NullLogger<ConfigLoader>.Instance);
    }

    public LiveStates States { get; }

    public ProxyState State { get; }

    public ConfigLoader Loader { get; }

    public LoadOutcome Load(TestConfig config, long revision = 1) => Loader.Load(config.Document(revision));
}
