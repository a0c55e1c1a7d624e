using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;
using TcpRoute = Mesh.Config.TcpRoute;
using TlsRoute = Mesh.Config.TlsRoute;

namespace Mesh.Operator.Core.Planning;

/// <summary>
/// The tls and tcp rules of VirtualServices -> the routes of connections to one port of a service, as one scope sees them.
/// Every rule that names the service counts, the oldest first: a connection has no host by which one of them could own it.
/// </summary>
internal sealed class OpaqueRouteTranslator(Scope scope, RuleBook rules, DestinationResolver destinations)
{
    public OpaqueRoutes Translate(Service service, ServicePort port)
    {
        var speaking = rules.SpeakingForConnections(service.Host, scope);
        if (speaking.IsEmpty || port.Protocol is AppProtocol.Http or AppProtocol.Http2) return OpaqueRoutes.None;
        return port.Protocol == AppProtocol.Tls
            ? OpaqueRoutes.None with { Tls = Tls(speaking, port.Port), Rules = Keys(speaking, entry => entry.Rule.Spec.Tls.Count) }
            : OpaqueRoutes.None with { Tcp = Tcp(speaking, service, port.Port), Rules = Keys(speaking, entry => entry.Rule.Spec.Tcp.Count) };
    }

    private static ImmutableArray<RuleKey> Keys(ImmutableArray<VirtualServiceEntry> speaking, Func<VirtualServiceEntry, int> count) =>
        [.. speaking.Where(entry => count(entry) > 0).Select(entry => entry.Rule.Key)];

    private ImmutableArray<TlsRoute> Tls(ImmutableArray<VirtualServiceEntry> speaking, int port)
    {
        var routes = ImmutableArray.CreateBuilder<TlsRoute>();
        foreach (var entry in speaking)
        {
            for (var i = 0; i < entry.Rule.Spec.Tls.Count; i++)
            {
                var rule = entry.Rule.Spec.Tls[i];
                foreach (var match in rule.Match)
                {
                    if (match.SniHosts.Count == 0 || !AreRanges(match.DestinationSubnets) || !Concerns(match.Port, match.Gateways, match.SourceNamespace, match.SourceLabels, port)) continue;
                    routes.Add(new TlsRoute
                    {
                        Origin = $"{entry.Rule.Key}#tls[{i}]",
                        SniHosts = [.. match.SniHosts.Select(host => host.ToLowerInvariant()).Distinct(StringComparer.Ordinal)],
                        Subnets = [.. match.DestinationSubnets],
                        Destinations = Destinations(rule.Route, entry, port),
                    });
                }
            }
        }

        return routes.ToImmutable();
    }

    // Up to the first that takes every connection; without one the rest goes to the service itself.
    private ImmutableArray<TcpRoute> Tcp(ImmutableArray<VirtualServiceEntry> speaking, Service service, int port)
    {
        var routes = ImmutableArray.CreateBuilder<TcpRoute>();
        foreach (var entry in speaking)
        {
            for (var i = 0; i < entry.Rule.Spec.Tcp.Count; i++)
            {
                var rule = entry.Rule.Spec.Tcp[i];
                var matches = rule.Match.Where(match => AreRanges(match.DestinationSubnets) && Concerns(match.Port, match.Gateways, match.SourceNamespace, match.SourceLabels, port)).ToList();
                if (rule.Match.Count > 0 && matches.Count == 0) continue;
                var takesAll = rule.Match.Count == 0 || matches.Any(match => match.DestinationSubnets.Count == 0);
                routes.Add(new TcpRoute
                {
                    Origin = $"{entry.Rule.Key}#tcp[{i}]",
                    Subnets = takesAll ? [] : [.. matches.SelectMany(match => match.DestinationSubnets).Distinct(StringComparer.Ordinal)],
                    Destinations = Destinations(rule.Route, entry, port),
                });
                if (takesAll) return routes.ToImmutable();
            }
        }

        if (routes.Count > 0) routes.Add(new TcpRoute { Destinations = [new WeightedCluster { Cluster = ClusterNames.Outbound(port, "", service.Host) }] });
        return routes.ToImmutable();
    }

    // Whatever got past admission, a proxy told of it would refuse its whole config.
    private static bool AreRanges(IReadOnlyList<string> subnets) => subnets.All(subnet => AddressRange.TryParse(subnet, out _));

    private bool Concerns(int? wantedPort, IReadOnlyList<string> gateways, string? sourceNamespace, IReadOnlyDictionary<string, string> sourceLabels, int port) =>
        (wantedPort is null or 0 || wantedPort == port)
        && (gateways.Count == 0 || gateways.Contains(MeshNames.MeshGateway))
        && (string.IsNullOrEmpty(sourceNamespace) || sourceNamespace == scope.Namespace)
        && scope.Satisfies(LabelSet.Of(sourceLabels));

    private ImmutableArray<WeightedCluster> Destinations(IReadOnlyList<RouteDestination> routes, VirtualServiceEntry entry, int port) =>
    [
        .. routes.Where(route => routes.Count == 1 || route.Weight is > 0)
            .Select(route => destinations.Resolve(route.Destination, routes.Count == 1 ? 1 : route.Weight ?? 0, entry.Rule.Namespace, port)),
    ];
}
