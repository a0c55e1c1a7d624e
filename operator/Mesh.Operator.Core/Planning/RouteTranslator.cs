using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Planning.Features;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The HTTP rules of one VirtualService -> the routes of one port, as one scope sees them.</summary>
internal sealed class RouteTranslator(Scope scope, RuleBook rules, DestinationResolver destinations, RetryTranslator retries)
{
    /// <summary>One route for each match that concerns the scope, up to the first that takes everything.</summary>
    public TranslatedRoutes Translate(VirtualServiceEntry entry, int port)
    {
        var routes = ImmutableArray.CreateBuilder<Route>();
        var owners = new SortedSet<RuleKey> { entry.Rule.Key };
        foreach (var rule in rules.HttpOf(entry))
        {
            foreach (var (written, match) in Matches(rule.Route, port))
            {
                routes.Add(Translate(rule, written, match, port));
                owners.Add(rule.Owner);
                if (match is null || MatchTranslator.IsCatchAll(match)) return new TranslatedRoutes(routes.ToImmutable(), [.. owners]);
            }
        }

        return new TranslatedRoutes(routes.ToImmutable(), [.. owners]);
    }

    /// <summary>The route of a service that no rule speaks for.</summary>
    public Route Default(Service service, int port) => new()
    {
        Destinations = [new WeightedCluster { Cluster = ClusterNames.Outbound(port, "", service.Host) }],
        Retry = retries.Translate(null, null, destinations.HashOf(service, port) is not null),
    };

    private IEnumerable<(HttpMatchRequest? Written, RequestMatch? Match)> Matches(HttpRoute http, int port)
    {
        if (http.Match.Count == 0) return [(null, null)];
        return http.Match.Where(match => MatchTranslator.Concerns(match, port, scope))
            .Select(match => ((HttpMatchRequest?)match, (RequestMatch?)MatchTranslator.Translate(match)));
    }

    private Route Translate(HttpRule rule, HttpMatchRequest? written, RequestMatch? match, int port)
    {
        var route = RouteActions.Of(rule.Route, match) with
        {
            Name = NameOf(rule.Route.Name ?? "", written?.Name ?? ""),
            StatPrefix = string.IsNullOrEmpty(written?.StatPrefix) ? null : written.StatPrefix,
            Origin = rule.Origin,
        };
        return route is { Redirect: null, DirectResponse: null, Broken: null } ? Forwarding(route, rule, port) : route;
    }

    private Route Forwarding(Route route, HttpRule rule, int port)
    {
        var http = rule.Route;
        TimeSpan? timeout = http.Timeout?.Value is { } limit && limit > TimeSpan.Zero ? limit : null;
        var key = destinations.SharedHash(http.Route, rule.Namespace, port);
        return route with
        {
            Destinations = Destinations(rule, port, route.Rewrite),
            SplitBy = http.Route.Count > 1 ? key : null,
            Mirrors = MirrorTranslator.Translate(http, mirror => destinations.Resolve(mirror, 1, rule.Namespace, port)),
            // Whoever puts faults in the way wants to see what the client does, not the proxy.
            Timeout = route.Fault is null ? timeout : null,
            Retry = route.Fault is null && retries.Translate(http.Retries, timeout, key is not null) is { } retry
                ? retry with { OnlyIdempotent = rule.OnlyIdempotent } : null,
        };
    }

    private static string NameOf(string rule, string match) => (rule, match) switch
    {
        ("", "") => "default",
        (_, "") => rule,
        _ => $"{rule}.{match}",
    };

    // Among several, 0 means none; a single destination gets everything whatever its weight.
    private ImmutableArray<WeightedCluster> Destinations(HttpRule rule, int port, Rewrite? rewrite) =>
    [
        .. rule.Route.Route.Where(route => rule.Route.Route.Count == 1 || route.Weight is > 0)
            .Select(route => destinations.Resolve(route.Destination, rule.Route.Route.Count == 1 ? 1 : route.Weight ?? 0, rule.Namespace, port) with
            {
                Headers = RouteActions.Headers(rule.Route, route, rewrite),
            }),
    ];
}
