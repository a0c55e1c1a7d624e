using Mesh.Config;

namespace Mesh.Benchmarks.Hop;

/// <summary>The config of the measured sidecar: one service of three endpoints behind twenty rules.</summary>
internal static class SidecarConfig
{
    /// <summary>The service's address.</summary>
    public const string Address = "10.96.0.10";

    private const string Host = "servers.default.svc.cluster.local";

    public static byte[] Document(int rules)
    {
        var cluster = ClusterNames.Outbound(Stage.ServerPort, "", Host);
        WeightedCluster[] destination = [new() { Cluster = cluster }];
        var sections = new List<Section>
        {
            Section.Of(new WorkloadConfig { Namespace = "default", Pod = "bench", Workload = "bench" }),
            Section.Of(new MeshSettings()),
            Section.Of(new InboundConfig()),
            Section.Of(new OutboundConfig
            {
                Listeners = [new OutboundListener { Port = Stage.ServerPort, Protocol = AppProtocol.Http, RouteTable = "8080" }],
            }),
            Section.Of(new RouteTable
            {
                Name = "8080",
                VirtualHosts =
                [
                    new VirtualHost
                    {
                        Name = $"{Host}:{Stage.ServerPort}",
                        Domains = ["servers", Host, Address],
                        Routes =
                        [
                            .. Enumerable.Range(0, rules).Select(i => new Route
                            {
                                Matches = [new RequestMatch { Path = new StringMatch { Kind = StringMatchKind.Prefix, Value = $"/rule{i}/" } }],
                                Destinations = [.. destination],
                            }),
                        ],
                    },
                ],
            }),
            Section.Of(new ClusterSet { Host = Host, Clusters = [new Cluster { Name = cluster, Host = Host, Port = Stage.ServerPort, Protocol = AppProtocol.Http }] }),
            Section.Of(new EndpointSet
            {
                Host = Host,
                Groups = [new EndpointGroup { Host = Host, Port = Stage.ServerPort, Endpoints = [.. Stage.ServerAddresses(79).Select(address => new Endpoint { Address = address, Port = Stage.ServerPort })] }],
            }),
        };
        return ConfigDocument.Write(ConfigDocument.ManifestOf(sections, 1, ""), sections);
    }
}
