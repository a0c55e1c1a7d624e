using System.Collections.Immutable;
using System.Globalization;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The services a scope sees -> how connections to their addresses, and to their ports at any address, are treated.</summary>
internal sealed class ListenerTranslator(ImmutableArray<Service> services, Func<Service, int, ImmutableArray<string>> members, Func<Service, ServicePort, OpaqueRoutes> rules)
{
    // Where a service without an address of its own is found.
    private const string Anywhere = "";

    /// <param name="tablePorts">Ports with a route table.</param>
    /// <param name="places">Where services are called besides their own addresses.</param>
    public ImmutableArray<OutboundListener> Translate(IEnumerable<int> tablePorts, IEnumerable<EgressPlace> places)
    {
        var tables = tablePorts.ToHashSet();
        var listeners = places.Select(place => OfPlace(place, tables.Contains(place.Port))).OfType<OutboundListener>().ToList();
        foreach (var port in tables.Concat(services.SelectMany(service => service.Ports.Select(port => port.Port))).Distinct())
            listeners.AddRange(OfPort(port, tables.Contains(port)));
        return
        [
            .. listeners.OrderBy(listener => listener.Port)
                .ThenBy(listener => listener.Addresses.IsEmpty)
                .ThenBy(listener => listener.Addresses.FirstOrDefault(), StringComparer.Ordinal),
        ];
    }

    // All that is called through the port is called there, whatever its own addresses.
    private OutboundListener? OfPlace(EgressPlace place, bool hasTable)
    {
        var claims = Claims(place.Port).ToList();
        if (claims.Count == 0 && !hasTable) return null;
        var address = place.Address.ToString();
        return Listener(place.Port, address, claims, hasTable) with
        {
            Addresses = [address],
            Listens = place.Listens,
            Protocol = claims.Count == 0 ? AppProtocol.Http : hasTable ? AppProtocol.Auto : ProtocolOf(claims),
        };
    }

    private IEnumerable<OutboundListener> OfPort(int port, bool hasTable)
    {
        // Headless Services may share pods, and an address may for a moment stand in an old and a new Service. Told of one
        // address twice, every proxy would refuse its config.
        var declared = hasTable ? DeclaredHttp(port) : [];
        if (!declared.IsEmpty)
            yield return new OutboundListener { Port = port, Addresses = declared, Protocol = AppProtocol.Http, RouteTable = Table(port) };

        var places = Places(port, declared);
        var anywhere = places.GetValueOrDefault(Anywhere) ?? [];
        // HTTP goes by port and Host header whatever the address. Where the address says that a declared HTTP service is meant,
        // nothing needs to be found out; elsewhere the first bytes do, so that other protocols on the same port pass.
        if (hasTable || anywhere.Count > 0)
            yield return Listener(port, Anywhere, anywhere, hasTable) with { Protocol = hasTable ? AppProtocol.Auto : ProtocolOf(anywhere) };
        foreach (var group in places.Where(place => place.Key.Length > 0).GroupBy(place => Signature(place.Key, place.Value), StringComparer.Ordinal))
        {
            var (address, claims) = group.First();
            yield return Listener(port, address, claims, hasTable && claims.Any(claim => claim.Port.Protocol == AppProtocol.Auto)) with
            {
                Addresses = [.. group.Select(place => place.Key).Order(StringComparer.Ordinal)],
                Protocol = ProtocolOf(claims),
            };
        }
    }

    private ImmutableArray<string> DeclaredHttp(int port) =>
    [
        .. services.Where(service => service.Ports.Any(candidate => candidate.Port == port && candidate.Protocol is AppProtocol.Http or AppProtocol.Http2))
            .SelectMany(service => service.Addresses.Items).Distinct().Order(StringComparer.Ordinal),
    ];

    // Who may be meant at a port where HTTP is not declared, the oldest first.
    private IEnumerable<Claim> Claims(int port) =>
        from service in services
        from candidate in service.Ports
        where candidate.Port == port && candidate.Protocol is not (AppProtocol.Http or AppProtocol.Http2)
        orderby service.IsOfEntry, service.Created, service.Host
        select new Claim(service, candidate);

    // Who is found at each address, the oldest first.
    private Dictionary<string, List<Claim>> Places(int port, ImmutableArray<string> taken)
    {
        var places = new Dictionary<string, List<Claim>>(StringComparer.Ordinal);
        foreach (var claim in Claims(port))
        {
            foreach (var address in AddressesOf(claim).Where(address => !taken.Contains(address)))
            {
                if (!places.TryGetValue(address, out var here)) places.Add(address, here = []);
                here.Add(claim);
            }
        }

        return places;
    }

    private ImmutableArray<string> AddressesOf(Claim claim) => claim.Service switch
    {
        { Kind: ServiceKind.Headless } => members(claim.Service, claim.Port.Port),
        // An ExternalName has no address of its own: its connections are told apart by Host, or not at all.
        { IsOfEntry: true, Addresses.Count: 0 } => [Anywhere],
        _ => claim.Service.Addresses.Items,
    };

    private OutboundListener Listener(int port, string address, List<Claim> claims, bool hasTable)
    {
        var tls = ImmutableArray.CreateBuilder<TlsRoute>();
        var tcp = ImmutableArray.CreateBuilder<TcpRoute>();
        ImmutableArray<WeightedCluster>? rest = null;
        foreach (var claim in claims)
        {
            var ruled = rules(claim.Service, claim.Port);
            tls.AddRange(ruled.Tls);
            if (claim.Port.Protocol == AppProtocol.Tls && ruled.Tls.IsEmpty && NeedsName(address, claims)) tls.Add(ByName(claim));
            else if (rest is not null) continue; // the address is an older one's
            else if (!ruled.Tcp.IsEmpty || !ruled.Tls.IsEmpty) rest = [];
            else rest = [new WeightedCluster { Cluster = claim.Cluster }];
            if (!ruled.Tcp.IsEmpty) tcp.AddRange(ruled.Tcp);
        }

        return new OutboundListener
        {
            Port = port,
            RouteTable = hasTable ? Table(port) : "",
            TlsRoutes = tls.ToImmutable(),
            TcpRoutes = tcp.ToImmutable(),
            TcpDestinations = rest ?? [],
        };
    }

    // An address of its own says which service is meant; a network, or one that several share, does not: the server name must.
    private static bool NeedsName(string address, List<Claim> claims) =>
        address.Length == 0 || address.Contains('/', StringComparison.Ordinal) || claims.Count(claim => claim.Port.Protocol == AppProtocol.Tls) > 1;

    private static TlsRoute ByName(Claim claim) => new()
    {
        SniHosts = [claim.Service.Host],
        Destinations = [new WeightedCluster { Cluster = claim.Cluster }],
    };

    private static AppProtocol ProtocolOf(List<Claim> claims)
    {
        var spoken = claims.Select(claim => claim.Port.Protocol).Distinct().Take(2).ToList();
        return spoken is [var only] ? only : AppProtocol.Auto;
    }

    private static string Signature(string address, List<Claim> claims) =>
        string.Join(' ', claims.Select(claim => claim.Cluster)) + (NeedsName(address, claims) ? " by name" : "");

    private static string Table(int port) => port.ToString(CultureInfo.InvariantCulture);

    private sealed record Claim(Service Service, ServicePort Port)
    {
        public string Cluster => ClusterNames.Outbound(Port.Port, "", Service.Host);
    }
}
