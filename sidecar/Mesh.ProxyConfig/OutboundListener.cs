using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mesh.Config;

/// <summary>How connections to one port (and, where given, to these addresses) are treated.</summary>
public sealed record OutboundListener
{
    /// <summary>Original destination port.</summary>
    public required int Port { get; init; }

    /// <summary>Original destination addresses and networks (<c>10.0.0.0/8</c>); empty means every address.</summary>
    public ImmutableArray<string> Addresses { get; init; } = [];

    /// <summary>
    /// The sidecar itself listens at these addresses, for an application that addresses it instead of the destination; each is
    /// one address then, <c>0.0.0.0</c> for all. Default: connections are captured.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Listens { get; init; }

    /// <summary>What is spoken; anything but <see cref="AppProtocol.Auto"/> skips detection.</summary>
    public AppProtocol Protocol { get; init; } = AppProtocol.Auto;

    /// <summary>Name of the <see cref="RouteTable"/> for HTTP; empty when HTTP is not spoken here.</summary>
    public string RouteTable { get; init; } = "";

    /// <summary>Routes of TLS connections: the most specific server name wins; among routes of one name the first whose subnets fit.</summary>
    public ImmutableArray<TlsRoute> TlsRoutes { get; init; } = [];

    /// <summary>Routes of opaque TCP (and of TLS that no TLS route claims), first match wins, before <see cref="TcpDestinations"/>.</summary>
    public ImmutableArray<TcpRoute> TcpRoutes { get; init; } = [];

    /// <summary>
    /// Destinations of opaque TCP (and of TLS that no TLS route claims), drawn by weight per connection. None: such connections
    /// are treated as <see cref="OutboundConfig.UnknownDestinations"/>, and so are requests whose Host no route table knows.
    /// </summary>
    public ImmutableArray<WeightedCluster> TcpDestinations { get; init; } = [];
}
