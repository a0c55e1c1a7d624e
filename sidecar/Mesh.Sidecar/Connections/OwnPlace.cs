using System.Net;
using Mesh.Config;

namespace Mesh.Sidecar.Connections;

/// <summary>A place where the sidecar listens by itself.</summary>
/// <param name="Direction">Outbound: the application addresses it; inbound: the world does.</param>
/// <param name="Address">Where; the any address is every one.</param>
public readonly record struct OwnPlace(Direction Direction, IPEndPoint Address)
{
    /// <summary>Those that a valid config asks for.</summary>
    public static IEnumerable<OwnPlace> Of(ProxyConfig config) =>
        config.Outbound.Listeners.Where(listener => listener.Listens)
            .SelectMany(listener => listener.Addresses.Select(address => new OwnPlace(Direction.Outbound, new IPEndPoint(IPAddress.Parse(address), listener.Port))))
            .Concat(config.Inbound.Ports.Where(port => port.Bind is not null)
                .Select(port => new OwnPlace(Direction.Inbound, new IPEndPoint(IPAddress.Parse(port.Bind!), port.Port))));
}
