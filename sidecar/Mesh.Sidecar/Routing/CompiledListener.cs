using System.Collections.Immutable;
using System.Net;
using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>How outbound connections to one port (and these addresses) are treated.</summary>
public sealed class CompiledListener
{
    private readonly CompiledTlsRoutes tls;
    private readonly ImmutableArray<(AddressSet Networks, WeightedChoice<WeightedCluster> Destinations)> tcp;
    private readonly WeightedChoice<WeightedCluster> otherwise;

    /// <summary>Compiles.</summary>
    public CompiledListener(OutboundListener config, CompiledRouteTable? routes)
    {
        Config = config;
        Routes = routes;
        otherwise = Choice(config.TcpDestinations);
        tcp = [.. config.TcpRoutes.Select(route => (new AddressSet(route.Subnets), Choice(route.Destinations)))];
        tls = new CompiledTlsRoutes(config.TlsRoutes);
    }

    /// <summary>As told.</summary>
    public OutboundListener Config { get; }

    /// <summary>What is spoken; anything but Auto skips detection.</summary>
    public AppProtocol Protocol => Config.Protocol;

    /// <summary>Routes for HTTP; <c>null</c> when HTTP is not spoken here.</summary>
    public CompiledRouteTable? Routes { get; }

    /// <summary>Whether the server name of a TLS connection matters here.</summary>
    public bool HasTlsRoutes => !Config.TlsRoutes.IsEmpty;

    /// <summary>Destinations of opaque TCP to this address, and of TLS that no TLS route claims; without any, what is done with unknown ones.</summary>
    public WeightedChoice<WeightedCluster> TcpDestinations(IPAddress destination)
    {
        foreach (var (networks, destinations) in tcp)
        {
            if (networks.Contains(destination)) return destinations;
        }

        return otherwise;
    }

    /// <summary>Destinations of TLS with this server name to this address; <c>null</c> when no TLS route claims it.</summary>
    public WeightedChoice<WeightedCluster>? FindTls(string serverName, IPAddress destination) =>
        tls.Find(Authority.HostOf(serverName), destination);

    private static WeightedChoice<WeightedCluster> Choice(IReadOnlyList<WeightedCluster> destinations) =>
        new(destinations, destination => destination.Weight);
}
