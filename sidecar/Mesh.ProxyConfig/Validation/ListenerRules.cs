using System.Collections.Immutable;
using System.Net;

namespace Mesh.Config;

/// <summary>Rules of <see cref="InboundConfig"/> and <see cref="OutboundConfig"/>.</summary>
internal static class ListenerRules
{
    public static void Check(InboundConfig inbound, ProblemList problems)
    {
        var ports = new HashSet<int>();
        for (var i = 0; i < inbound.Ports.Length; i++)
        {
            var at = new ConfigPath(SectionNames.Inbound).Down("ports", i);
            var port = inbound.Ports[i];
            problems.CheckPort(at, "port", port.Port);
            problems.CheckDefined(at, "protocol", port.Protocol);
            if (!ports.Add(port.Port)) problems.Add(at, "port", $"{port.Port} stands twice");
            if (port.Endpoint is { } endpoint && !ApplicationEndpoint.TryParse(endpoint, out _))
                problems.Add(at, "endpoint", $"'{endpoint}' is neither an address with a port nor a socket");
            if (port.Bind is { } bind && !IPAddress.TryParse(bind, out _)) problems.Add(at, "bind", $"'{bind}' is not an IP address");
            if (port is { Bind: not null, Endpoint: null }) problems.Add(at, "bind", "connections would come back: there is no endpoint");
            if (port.Pool is { } pool) ClusterPolicyRules.Check(at.Down("pool"), pool, problems);
            problems.CheckPositive(at, "connectTimeout", port.ConnectTimeout);
        }
    }

    public static void Check(OutboundConfig outbound, ConfigNames names, ProblemList problems)
    {
        problems.CheckDefined(new ConfigPath(SectionNames.Outbound), "unknownDestinations", outbound.UnknownDestinations);
        DnsRules.Check(outbound.Dns, problems);
        if (outbound.EgressProxy is { } proxy) names.CheckDestinations(new ConfigPath(SectionNames.Outbound), "egressProxy", [proxy], problems);
        var seen = new HashSet<(IPNetwork? Range, int Port)>();
        for (var i = 0; i < outbound.Listeners.Length; i++)
        {
            var at = new ConfigPath(SectionNames.Outbound).Down("listeners", i);
            var listener = outbound.Listeners[i];
            problems.CheckPort(at, "port", listener.Port);
            problems.CheckDefined(at, "protocol", listener.Protocol);
            CheckAddresses(at, listener, seen, problems);
            CheckTargets(at, listener, names, problems);
        }
    }

    private static void CheckAddresses(ConfigPath at, OutboundListener listener, HashSet<(IPNetwork?, int)> seen, ProblemList problems)
    {
        if (listener.Addresses.IsEmpty && !seen.Add((null, listener.Port)))
            problems.Add(at, "port", $"a second listener for port {listener.Port} of every address");
        if (listener is { Listens: true, Addresses.IsEmpty: true }) problems.Add(at, "addresses", "there must be one at least to listen at");
        for (var a = 0; a < listener.Addresses.Length; a++)
        {
            var member = $"addresses[{a}]";
            if (!AddressRange.TryParse(listener.Addresses[a], out var range)) problems.Add(at, member, $"'{listener.Addresses[a]}' is not an IP address or network");
            else if (!seen.Add((range, listener.Port))) problems.Add(at, member, $"a second listener for {listener.Addresses[a]} port {listener.Port}");
            else if (listener.Listens && !IPAddress.TryParse(listener.Addresses[a], out _)) problems.Add(at, member, $"'{listener.Addresses[a]}' is a network; one listens at an address");
        }
    }

    private static void CheckTargets(ConfigPath at, OutboundListener listener, ConfigNames names, ProblemList problems)
    {
        if (listener.RouteTable.Length > 0 && !names.HasTable(listener.RouteTable))
            problems.Add(at, "routeTable", $"there is no route table '{listener.RouteTable}'");
        if (listener.RouteTable.Length == 0 && listener.Protocol is AppProtocol.Http or AppProtocol.Http2)
            problems.Add(at, "routeTable", "HTTP is declared but there are no routes for it");
        names.CheckDestinations(at, "tcpDestinations", listener.TcpDestinations, problems);
        for (var t = 0; t < listener.TcpRoutes.Length; t++)
        {
            var here = at.Down("tcpRoutes", t);
            var route = listener.TcpRoutes[t];
            CheckSubnets(here, route.Subnets, problems);
            if (route.Destinations.IsEmpty) problems.Add(here, "destinations", "there must be one at least");
            names.CheckDestinations(here, "destinations", route.Destinations, problems);
        }

        for (var t = 0; t < listener.TlsRoutes.Length; t++)
        {
            var here = at.Down("tlsRoutes", t);
            var route = listener.TlsRoutes[t];
            if (route.SniHosts.IsEmpty) problems.Add(here, "sniHosts", "there must be one at least");
            foreach (var host in route.SniHosts) HostRules.Check(here, "sniHosts", host, problems);
            CheckSubnets(here, route.Subnets, problems);
            if (route.Destinations.IsEmpty) problems.Add(here, "destinations", "there must be one at least");
            names.CheckDestinations(here, "destinations", route.Destinations, problems);
        }
    }

    private static void CheckSubnets(ConfigPath at, ImmutableArray<string> subnets, ProblemList problems)
    {
        for (var i = 0; i < subnets.Length; i++)
        {
            if (!AddressRange.TryParse(subnets[i], out _)) problems.Add(at, $"subnets[{i}]", $"'{subnets[i]}' is not an IP address or network");
        }
    }
}
