using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>Where the application's own connections are looked up, by their original destination.</summary>
public sealed record OutboundConfig
{
    /// <summary>What happens to destinations that no listener knows.</summary>
    public UnknownDestinations UnknownDestinations { get; init; } = UnknownDestinations.AllowAny;

    /// <summary>
    /// The most specific listener wins: one that lists the original destination's address and port, else one of that port
    /// without addresses, else <see cref="UnknownDestinations"/>.
    /// </summary>
    public ImmutableArray<OutboundListener> Listeners { get; init; } = [];
}

/// <summary>Istio's outboundTrafficPolicy.</summary>
public enum UnknownDestinations
{
    /// <summary>Passed through to the original destination (PassthroughCluster). The default.</summary>
    AllowAny,

    /// <summary>Refused: HTTP 502, TCP closed (BlackHoleCluster).</summary>
    RegistryOnly,
}

/// <summary>How connections to one port (and, where given, to these addresses) are treated.</summary>
public sealed record OutboundListener
{
    /// <summary>Original destination port.</summary>
    public required int Port { get; init; }

    /// <summary>Original destination addresses; empty means every address.</summary>
    public ImmutableArray<string> Addresses { get; init; } = [];

    /// <summary>What is spoken; anything but <see cref="AppProtocol.Auto"/> skips detection.</summary>
    public AppProtocol Protocol { get; init; } = AppProtocol.Auto;

    /// <summary>Name of the <see cref="RouteTable"/> for HTTP; empty when HTTP is not spoken here.</summary>
    public string RouteTable { get; init; } = "";

    /// <summary>Routes of TLS connections, first match wins.</summary>
    public ImmutableArray<TlsRoute> TlsRoutes { get; init; } = [];

    /// <summary>
    /// Destinations of opaque TCP (and of TLS that no TLS route claims), drawn by weight per connection. None: such connections
    /// are treated as <see cref="OutboundConfig.UnknownDestinations"/>, and so are requests whose Host no route table knows.
    /// </summary>
    public ImmutableArray<WeightedCluster> TcpDestinations { get; init; } = [];
}

/// <summary>A route for TLS connections by server name.</summary>
public sealed record TlsRoute
{
    /// <summary>Server names, exact or with a leading <c>*.</c>.</summary>
    public required ImmutableArray<string> SniHosts { get; init; }

    /// <summary>Where to, drawn by weight per connection.</summary>
    public required ImmutableArray<WeightedCluster> Destinations { get; init; }
}

/// <summary>A cluster and its share.</summary>
public sealed record WeightedCluster
{
    /// <summary>Name of a <see cref="Cluster"/>.</summary>
    public required string Cluster { get; init; }

    /// <summary>
    /// Given when this destination does not exist: its share of the traffic is answered so (others are not touched), and
    /// <see cref="Cluster"/> is the name it would have had.
    /// </summary>
    public BrokenRoute? Broken { get; init; }

    /// <summary>Share = weight / sum of weights; 0 among several means none.</summary>
    public int Weight { get; init; } = 1;
}
