using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>A config for a test, hand-written piece by piece; by itself a mesh that knows nothing.</summary>
internal sealed record SidecarConfig
{
    public long Revision { get; init; } = 1;

    public MeshSettings Mesh { get; init; } = new() { AccessLogFile = "/dev/null", DrainDuration = TimeSpan.FromSeconds(10) };

    public WorkloadConfig Workload { get; init; } = new()
    {
        Namespace = "default", Pod = "client-1", Workload = "client", App = "client", Version = "v1", CanonicalService = "client",
    };

    public InboundConfig Inbound { get; init; } = new();

    public OutboundConfig Outbound { get; init; } = new();

    public ImmutableArray<RouteTable> Routes { get; init; } = [];

    public ImmutableArray<Cluster> Clusters { get; init; } = [];

    public ImmutableArray<EndpointGroup> Endpoints { get; init; } = [];

    public static string Fqdn(string service) => $"{service}.default.svc.cluster.local";

    /// <summary>Adds a Service with one port, as the operator tells it: listener, default route, cluster, endpoints.</summary>
    public SidecarConfig WithService(string name, int port, AppProtocol protocol, params int[] endpointPorts)
    {
        var host = Fqdn(name);
        var cluster = ClusterNames.Outbound(port, "", host);
        var http = protocol is not (AppProtocol.Tcp or AppProtocol.Tls);
        var table = port.ToString();
        var virtualHost = new VirtualHost
        {
            Name = $"{host}:{port}",
            Domains = [name, $"{name}.default", $"{name}.default.svc", host],
            Routes = [new Route { Destinations = [new WeightedCluster { Cluster = cluster }] }],
        };
        var known = Routes.FirstOrDefault(r => r.Name == table);
        var routes = !http ? Routes
            : known is null ? Routes.Add(new RouteTable { Name = table, VirtualHosts = [virtualHost] })
            : Routes.Replace(known, known with { VirtualHosts = known.VirtualHosts.Add(virtualHost) });
        var listeners = Outbound.Listeners.Any(l => l.Port == port && http)
            ? Outbound.Listeners
            : Outbound.Listeners.Add(new OutboundListener
            {
                Port = port,
                Protocol = protocol,
                RouteTable = http ? table : "",
                TcpDestinations = protocol is AppProtocol.Http or AppProtocol.Http2 ? [] : [new WeightedCluster { Cluster = cluster }],
            });
        return this with
        {
            Outbound = Outbound with { Listeners = listeners },
            Routes = routes,
            Clusters = Clusters.Add(new Cluster
            {
                Name = cluster, Host = host, Port = port, Protocol = protocol, ServiceName = name, ServiceNamespace = "default",
                LoadBalancing = LoadBalancing.RoundRobin, ConnectTimeout = TimeSpan.FromSeconds(2),
            }),
            Endpoints = Endpoints.Add(new EndpointGroup
            {
                Host = host,
                Port = port,
                Endpoints = [.. endpointPorts.Order().Select((p, i) => new Endpoint
                {
                    Address = "127.0.0.1", Port = p, Pod = $"{name}-{i}", Workload = name, Namespace = "default",
                    Labels = ImmutableSortedDictionary<string, string>.Empty.Add("app", name).Add("version", "v1"),
                })],
            }),
        };
    }

    /// <summary>Replaces the one route of a service.</summary>
    public SidecarConfig WithRoute(string service, Func<Route, Route> change) => this with
    {
        Routes = [.. Routes.Select(table => table with
        {
            VirtualHosts = [.. table.VirtualHosts.Select(host =>
                host.Domains.Contains(service) ? host with { Routes = [.. host.Routes.Select(change)] } : host)],
        })],
    };

    /// <summary>Adds a port of the application.</summary>
    public SidecarConfig WithInbound(int port, AppProtocol protocol) => this with
    {
        Inbound = Inbound with
        {
            Ports = Inbound.Ports.Add(new InboundPort
            {
                Port = port, Protocol = protocol, Service = Fqdn("server"), ServiceName = "server", ServiceNamespace = "default", ServicePort = port,
            }),
        },
    };

    /// <summary>The members of a service run as this account and take mutual TLS, or not.</summary>
    public SidecarConfig WithMutualTls(string service, string account, bool mutualTls = true) => this with
    {
        Endpoints = [.. Endpoints.Select(group => group.Host != Fqdn(service) ? group : group with
        {
            Endpoints = [.. group.Endpoints.Select(endpoint => endpoint with { MutualTls = mutualTls, ServiceAccount = account })],
        })],
    };

    /// <summary>Connecting may take as long as it likes, for tests that move the clock while connections are being opened.</summary>
    public SidecarConfig Patient() => this with { Clusters = [.. Clusters.Select(cluster => cluster with { ConnectTimeout = TimeSpan.FromHours(1) })] };

    /// <summary>What every port of the application takes.</summary>
    public SidecarConfig WithMutualTls(MutualTlsMode mode) => this with { Inbound = Inbound with { MutualTls = mode } };

    public byte[] ToDocument() => ToPush();

    /// <summary>As a push: with only the sections of these names, or all.</summary>
    public byte[] ToPush(params string[] names)
    {
        var sections = new List<Section> { Section.Of(Workload), Section.Of(Mesh), Section.Of(Inbound), Section.Of(Outbound) };
        sections.AddRange(Routes.Select(Section.Of));
        sections.AddRange(Clusters.GroupBy(c => c.Host).Select(g => Section.Of(new ClusterSet { Host = g.Key, Clusters = [.. g] })));
        sections.AddRange(Endpoints.GroupBy(e => e.Host).Select(g => Section.Of(new EndpointSet { Host = g.Key, Groups = [.. g] })));
        var manifest = ConfigDocument.ManifestOf(sections, Revision, "");
        return ConfigDocument.Write(manifest, sections.Where(section => names.Length == 0 || names.Contains(section.Name)));
    }
}
