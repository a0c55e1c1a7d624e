using Mesh.Config;
using Mesh.Sidecar.Routing;

namespace Mesh.Cli.Routes;

/// <summary>Where connections go of which nothing but address and server name is known.</summary>
internal static class OpaqueAnswers
{
    public static RouteAnswer Tls(RouteFinder finder, CompiledListener listener, string serverName)
    {
        foreach (var route in listener.Config.TlsRoutes)
            finder.Say($"{Name(route.Origin)}: server name {string.Join(", ", route.SniHosts)}{Within(route.Subnets)} asked, \"{serverName}\" to {finder.Address} given: {(Takes(listener, route, serverName, finder) ? "matches" : "no")}");
        if (listener.FindTls(serverName, finder.Address) is not { } chosen) return Tcp(finder, listener);
        var origin = listener.Config.TlsRoutes.FirstOrDefault(route => chosen.All.SequenceEqual(route.Destinations) && Takes(listener, route, serverName, finder))?.Origin ?? "";
        return finder.Opaque(chosen.All, origin);
    }

    public static RouteAnswer Tcp(RouteFinder finder, CompiledListener listener)
    {
        if (listener.Protocol is AppProtocol.Tcp or AppProtocol.Tls) finder.Say($"the port is declared {(listener.Protocol == AppProtocol.Tcp ? "TCP" : "TLS")}: requests in it are not looked at");
        var origin = "";
        foreach (var route in listener.Config.TcpRoutes)
        {
            var takes = new CompiledListener(listener.Config with { TcpRoutes = [route], TcpDestinations = [] }, null).TcpDestinations(finder.Address).All.Length > 0;
            finder.Say($"{Name(route.Origin)}: {(route.Subnets.IsEmpty ? "any address" : string.Join(", ", route.Subnets))} asked, {finder.Address} given: {(takes ? "matches" : "no")}");
            if (!takes) continue;
            origin = route.Origin;
            break;
        }

        var chosen = listener.TcpDestinations(finder.Address);
        if (chosen.All.IsEmpty) return finder.Unknown();
        if (origin.Length == 0) finder.Say("no rule speaks for this address: all of it goes to the service that has it");
        return finder.Opaque(chosen.All, origin);
    }

    private static bool Takes(CompiledListener listener, TlsRoute route, string serverName, RouteFinder finder) =>
        new CompiledListener(listener.Config with { TlsRoutes = [route] }, null).FindTls(serverName, finder.Address) is not null;

    private static string Name(string origin) => origin.Length == 0 ? "default" : RouteAnswers.RuleOf(origin);

    private static string Within(IEnumerable<string> subnets) => subnets.Any() ? $" within {string.Join(", ", subnets)}" : "";
}
