using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>How outbound connections to one port (and these addresses) are treated.</summary>
public sealed class CompiledListener
{
    private readonly HostTable<WeightedChoice<WeightedCluster>> tls;

    /// <summary>Compiles.</summary>
    public CompiledListener(OutboundListener config, CompiledRouteTable? routes)
    {
        Config = config;
        Routes = routes;
        TcpDestinations = Choice(config.TcpDestinations);
        tls = new(config.TlsRoutes.SelectMany(route =>
        {
            var choice = Choice(route.Destinations);
            return route.SniHosts.Select(host => (host, choice));
        }));
    }

    /// <summary>As told.</summary>
    public OutboundListener Config { get; }

    /// <summary>What is spoken; anything but Auto skips detection.</summary>
    public AppProtocol Protocol => Config.Protocol;

    /// <summary>Routes for HTTP; <c>null</c> when HTTP is not spoken here.</summary>
    public CompiledRouteTable? Routes { get; }

    /// <summary>Destinations of opaque TCP, and of TLS that no TLS route claims.</summary>
    public WeightedChoice<WeightedCluster> TcpDestinations { get; }

    /// <summary>Destinations of TLS with this server name; <c>null</c> when no TLS route claims it.</summary>
    public WeightedChoice<WeightedCluster>? FindTls(string serverName) => tls.Find(Authority.HostOf(serverName));

    private static WeightedChoice<WeightedCluster> Choice(IReadOnlyList<WeightedCluster> destinations) =>
        new(destinations, destination => destination.Weight);
}
