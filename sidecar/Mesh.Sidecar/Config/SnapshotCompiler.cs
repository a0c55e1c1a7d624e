using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Config.Identity;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Health;
using Mesh.Sidecar.Routing;

namespace Mesh.Sidecar.Config;

/// <summary>
/// Compiles validated configs, one after the other. What a new config says as the last one did (by section hash) keeps its
/// compiled instance; live states are carried over. Not for several threads at once.
/// </summary>
public sealed class SnapshotCompiler(LiveStates states, DnsPools dns, TransportSwitch transport)
{
    // Compiled parts of the last snapshot, by the hashes of the sections they stem from.
    private Dictionary<string, CompiledRouteTable> routes = [];
    private Dictionary<string, ImmutableArray<CompiledCluster>> clusters = [];

    public SnapshotCompiler(LiveStates states, DnsPools dns)
        : this(states, dns, new TransportSwitch(TimeProvider.System))
    {
    }

    /// <summary>Where TLS to destinations outside the mesh finds its credentials; <c>null</c>: nowhere.</summary>
    public Credentials? Credentials { get; init; }

    /// <summary>The snapshot of a valid config.</summary>
    public ProxySnapshot Compile(ProxyConfig config)
    {
        var hashes = config.Manifest.Sections.ToDictionary(section => section.Name, section => section.Hash, StringComparer.Ordinal);
        var newRoutes = new Dictionary<string, CompiledRouteTable>();
        foreach (var table in config.Routes)
        {
            var key = hashes[SectionNames.Routes + table.Name];
            newRoutes[key] = routes.TryGetValue(key, out var same) ? same : new CompiledRouteTable(table);
        }

        var newClusters = new Dictionary<string, ImmutableArray<CompiledCluster>>();
        // What handshakes with members, and preferring near ones, depend on beyond the cluster.
        var mesh = $"|{config.Mesh.TrustDomain}|{config.Mesh.MinimumTlsVersion}|{hashes[SectionNames.Workload]}";
        var groups = config.Endpoints.ToDictionary(group => (group.Host, group.Port));
        foreach (var set in config.Clusters.GroupBy(cluster => cluster.Host, StringComparer.Ordinal))
        {
            var key = hashes[SectionNames.Clusters + set.Key] + hashes.GetValueOrDefault(SectionNames.Endpoints + set.Key) + mesh;
            newClusters[key] = clusters.TryGetValue(key, out var same)
                ? same
                : [.. Compile(set, groups, config)];
        }

        var snapshot = new ProxySnapshot(new SnapshotParts
        {
            Config = config,
            Clusters = [.. newClusters.Values.SelectMany(set => set)],
            Routes = [.. newRoutes.Values],
            InboundPorts = [.. config.Inbound.Ports.Select(port => CompileInbound(port, config.Mesh.InboundRetry))],
            Passthrough = BuiltInCluster(ClusterNames.Passthrough, Discovery.OriginalDestination),
            BlackHole = BuiltInCluster(ClusterNames.BlackHole, Discovery.Endpoints),
            InboundPassthrough = BuiltInCluster(ClusterNames.InboundPassthrough, Discovery.OriginalDestination),
        });
        (routes, clusters) = (newRoutes, newClusters);
        return snapshot;
    }

    private static readonly RetryPolicy UnlessSent = new() { Attempts = 2, RetryOn = [RetryCondition.ResetBeforeRequest] };

    /// <summary>
    /// Istio's inbound route: no timeout, two retries when nothing of the request was sent unless the mesh says otherwise; none
    /// for gRPC, whose clients retry themselves.
    /// </summary>
    internal static CompiledRoute InboundRoute(string cluster, AppProtocol protocol, RetryPolicy? ofMesh) => new(new Mesh.Config.Route
    {
        Destinations = [new WeightedCluster { Cluster = cluster }],
        Retry = protocol == AppProtocol.Http2 ? null : ofMesh ?? UnlessSent,
    });

    private IEnumerable<CompiledCluster> Compile(IEnumerable<Cluster> clusters, Dictionary<(string Host, int Port), EndpointGroup> groups, ProxyConfig config)
    {
        var mesh = config.Mesh;
        // Subsets of one port expect the same identities.
        var identities = new Dictionary<int, FrozenSet<SpiffeId>>();
        foreach (var cluster in clusters)
        {
            var group = groups.GetValueOrDefault((cluster.Host, cluster.Port));
            if (!identities.TryGetValue(cluster.Port, out var expected)) identities[cluster.Port] = expected = IdentitiesOf(group, mesh.TrustDomain);
            yield return Compile(cluster, group, TlsOf(cluster, expected, mesh.MinimumTlsVersion), config.Workload);
        }
    }

    private static FrozenSet<SpiffeId> IdentitiesOf(EndpointGroup? group, string trustDomain) => group is null
        ? []
        : group.Endpoints.Where(endpoint => endpoint.ServiceAccount.Length > 0)
            .Select(endpoint => new SpiffeId(trustDomain, endpoint.Namespace, endpoint.ServiceAccount)).ToFrozenSet();

    private static UpstreamTls? TlsOf(Cluster cluster, FrozenSet<SpiffeId> expected, TlsVersion minimum) => cluster.MutualTls == ClientMutualTls.Never || cluster.Tls is not null
        ? null
        : new UpstreamTls(UpstreamTls.NameOf(cluster.Port, cluster.Subset, cluster.Host), expected, minimum);

    private CompiledCluster Compile(Cluster cluster, EndpointGroup? group, UpstreamTls? tls, WorkloadConfig self)
    {
        var state = states.ClusterOf(cluster.Name);
        switch (cluster.Discovery)
        {
            case Discovery.Dns or Discovery.DnsRoundRobin:
                return new CompiledCluster(cluster, state, dns.PoolOf(cluster, MembersOf(cluster, group)), Credentials) { Tls = tls, Self = self };
            case Discovery.DynamicDns:
                var hosts = dns.HostsOf(cluster, MembersOf(cluster, group));
                return new CompiledCluster(cluster, state, () => hosts.Members, Credentials) { Tls = tls, Self = self, Hosts = hosts };
            case Discovery.OriginalDestination:
                var known = group is null ? EndpointPool.Empty : PoolOf(cluster, group);
                return new CompiledCluster(cluster, state, static () => EndpointPool.Empty, Credentials) { Tls = tls, Known = known.Members.Where(member => member.Address is IPEndPoint).DistinctBy(member => member.Address).ToFrozenDictionary(member => (IPEndPoint)member.Address) };
            default:
                var pool = group is null ? EndpointPool.Empty : PoolOf(cluster, group);
                return new CompiledCluster(cluster, state, () => pool, Credentials) { Tls = tls, Self = self };
        }
    }

    private EndpointPool PoolOf(Cluster cluster, EndpointGroup group) => new(
    [
        .. MembersOf(cluster, group).Select(endpoint =>
        {
            var address = PlaceOf(endpoint);
            var state = states.EndpointOf(cluster.Name, address);
            transport.Tell(state, endpoint.MutualTls);
            return new CompiledEndpoint(endpoint, address, state);
        }),
    ]);

    private static EndPoint PlaceOf(Mesh.Config.Endpoint endpoint) => UnixAddress.Is(endpoint.Address)
        ? SocketOf(UnixAddress.PathOf(endpoint.Address))
        : new IPEndPoint(IPAddress.Parse(endpoint.Address), endpoint.Port);

    /// <summary>The members of a group that are the cluster's.</summary>
    internal static ImmutableArray<Mesh.Config.Endpoint> MembersOf(Cluster cluster, EndpointGroup? group) =>
        group is null ? [] : cluster.Discovery == Discovery.DynamicDns ? group.Endpoints : [.. group.Endpoints.Where(endpoint => Carries(endpoint, cluster.Labels))];

    private static bool Carries(Mesh.Config.Endpoint endpoint, ImmutableSortedDictionary<string, string> labels)
    {
        foreach (var (key, value) in labels)
        {
            if (!endpoint.Labels.TryGetValue(key, out var has) || has != value) return false;
        }

        return true;
    }

    private CompiledInboundPort CompileInbound(InboundPort port, RetryPolicy? retry)
    {
        var name = ClusterNames.Inbound(port.Port);
        var place = PlaceOf(port);
        var config = BuiltIn(name, place is null ? Discovery.OriginalDestination : Discovery.Endpoints) with
        {
            Host = port.Service,
            Port = port.ServicePort,
            ServiceName = port.ServiceName,
            ServiceNamespace = port.ServiceNamespace,
            Protocol = port.Protocol,
            Pool = port.Pool,
        };
        if (port.ConnectTimeout is { } limit) config = config with { ConnectTimeout = limit };
        var pool = place is null ? EndpointPool.Empty : OnlyMember(name, place);
        var cluster = new CompiledCluster(config, states.ClusterOf(name), () => pool);
        return new CompiledInboundPort(port, cluster, InboundRoute(cluster.Name, port.Protocol, retry));
    }

    private static EndPoint? PlaceOf(InboundPort port) => port.Endpoint is not { } written || !ApplicationEndpoint.TryParse(written, out var place) ? null
        : place.Socket is { } path ? SocketOf(path)
        : place.Address;

    // The kernel writes an abstract name with a zero byte in front.
    private static UnixDomainSocketEndPoint SocketOf(string path) => new(path[0] == '@' ? $"\0{path[1..]}" : path);

    private EndpointPool OnlyMember(string cluster, EndPoint place)
    {
        var config = new Mesh.Config.Endpoint { Address = (place as IPEndPoint)?.Address.ToString() ?? place.ToString()!, Port = (place as IPEndPoint)?.Port ?? 0 };
        return new EndpointPool([new CompiledEndpoint(config, place, states.EndpointOf(cluster, place))]);
    }

    private CompiledCluster BuiltInCluster(string name, Discovery discovery) => new(BuiltIn(name, discovery), states.ClusterOf(name), static () => EndpointPool.Empty);

    private static Cluster BuiltIn(string name, Discovery discovery) => new() { Name = name, Host = "", Port = 0, Discovery = discovery };
}
