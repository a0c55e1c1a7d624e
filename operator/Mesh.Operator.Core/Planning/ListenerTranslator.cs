using System.Collections.Immutable;
using System.Globalization;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The Services a scope sees -> how connections to their addresses, and to their ports at any address, are treated.</summary>
internal static class ListenerTranslator
{
    public static OutboundConfig Translate(
        ImmutableArray<Service> services,
        IEnumerable<int> tablePorts,
        Func<Service, int, ImmutableArray<string>> members,
        UnknownDestinations unknown)
    {
        // Headless Services may share pods, and an address may for a moment stand in an old and a new Service: a connection
        // there is the first one's. Told of both, every proxy would refuse its config.
        var taken = new HashSet<(string Address, int Port)>();
        var listeners = new List<OutboundListener>();
        foreach (var port in tablePorts) listeners.AddRange(ForHttp(port, services, taken));
        foreach (var service in services)
            foreach (var port in service.Ports)
                if (ForOther(service, port, members, taken) is { } listener) listeners.Add(listener);
        return new OutboundConfig
        {
            UnknownDestinations = unknown,
            Listeners =
            [
                .. listeners.OrderBy(listener => listener.Port)
                    .ThenBy(listener => listener.Addresses.IsEmpty)
                    .ThenBy(listener => listener.Addresses.FirstOrDefault(), StringComparer.Ordinal),
            ],
        };
    }

    // HTTP goes by port and Host header whatever the address. Where the address says that a declared HTTP service is meant,
    // nothing needs to be found out; elsewhere the first bytes do, so that other protocols on the same port pass.
    private static IEnumerable<OutboundListener> ForHttp(int port, ImmutableArray<Service> services, HashSet<(string Address, int Port)> taken)
    {
        var table = port.ToString(CultureInfo.InvariantCulture);
        var declared = services
            .Where(service => service.Ports.Any(candidate => candidate.Port == port && candidate.Protocol is AppProtocol.Http or AppProtocol.Http2))
            .SelectMany(service => service.Addresses.Items)
            .Where(address => taken.Add((address, port)))
            .Order(StringComparer.Ordinal)
            .ToImmutableArray();
        if (!declared.IsEmpty)
            yield return new OutboundListener { Port = port, Addresses = declared, Protocol = AppProtocol.Http, RouteTable = table };
        yield return new OutboundListener { Port = port, Protocol = AppProtocol.Auto, RouteTable = table };
    }

    private static OutboundListener? ForOther(Service service, ServicePort port, Func<Service, int, ImmutableArray<string>> members, HashSet<(string Address, int Port)> taken)
    {
        if (port.Protocol is AppProtocol.Http or AppProtocol.Http2) return null;
        // An ExternalName has no address of its own: its connections are told apart by Host, or not at all.
        var all = service.Kind == ServiceKind.Headless ? members(service, port.Port) : [.. service.Addresses.Items.Order(StringComparer.Ordinal)];
        ImmutableArray<string> addresses = [.. all.Where(address => taken.Add((address, port.Port)))];
        if (addresses.IsEmpty) return null;
        return new OutboundListener
        {
            Port = port.Port,
            Addresses = addresses,
            Protocol = port.Protocol,
            RouteTable = port.Protocol == AppProtocol.Auto ? port.Port.ToString(CultureInfo.InvariantCulture) : "",
            TcpDestinations = [new WeightedCluster { Cluster = ClusterNames.Outbound(port.Port, "", service.Host) }],
        };
    }
}
