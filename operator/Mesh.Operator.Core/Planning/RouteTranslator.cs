using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning;

/// <summary>The HTTP rules of one VirtualService -> the routes of one port, as one scope sees them.</summary>
internal sealed class RouteTranslator(Scope scope, DestinationResolver destinations)
{
    /// <summary>One route for each match that concerns the scope, up to the first that takes everything.</summary>
    public ImmutableArray<Route> Translate(VirtualServiceEntry entry, int port)
    {
        var routes = ImmutableArray.CreateBuilder<Route>();
        for (var i = 0; i < entry.Rule.Spec.Http.Count; i++)
        {
            foreach (var (name, match) in Matches(entry.Rule.Spec.Http[i], port))
            {
                routes.Add(Translate(entry, i, name, match, port));
                if (match is null || MatchTranslator.IsCatchAll(match)) return routes.ToImmutable();
            }
        }

        return routes.ToImmutable();
    }

    /// <summary>The route of a service that no rule speaks for.</summary>
    public static Route Default(string cluster) => new()
    {
        Destinations = [new WeightedCluster { Cluster = cluster }],
        Retry = RetryTranslator.Default,
    };

    private IEnumerable<(string Name, RequestMatch? Match)> Matches(HttpRoute http, int port)
    {
        if (http.Match.Count == 0) return [("", null)];
        return http.Match.Where(match => MatchTranslator.Concerns(match, port, scope))
            .Select(match => (match.Name ?? "", (RequestMatch?)MatchTranslator.Translate(match)));
    }

    private Route Translate(VirtualServiceEntry entry, int index, string matchName, RequestMatch? match, int port)
    {
        var http = entry.Rule.Spec.Http[index];
        TimeSpan? timeout = http.Timeout?.Value is { } limit && limit > TimeSpan.Zero ? limit : null;
        return new Route
        {
            Name = NameOf(http.Name ?? "", matchName),
            Origin = $"{entry.Rule.Key}#http[{index}]",
            Matches = match is null ? [] : [match],
            Destinations = Destinations(entry, http, port),
            Broken = http.Route.Count == 0 ? Unsupported(http) : null,
            Timeout = timeout,
            Retry = RetryTranslator.Translate(http.Retries, timeout),
        };
    }

    private static string NameOf(string rule, string match) => (rule, match) switch
    {
        ("", "") => "default",
        (_, "") => rule,
        _ => $"{rule}.{match}",
    };

    // Among several, 0 means none; a single destination gets everything whatever its weight.
    private ImmutableArray<WeightedCluster> Destinations(VirtualServiceEntry entry, HttpRoute http, int port)
    {
        if (http.Route is [var only]) return [destinations.Resolve(only.Destination, 1, entry.Rule.Namespace, port)];
        return
        [
            .. http.Route.Where(route => route.Weight is > 0)
                .Select(route => destinations.Resolve(route.Destination, route.Weight ?? 0, entry.Rule.Namespace, port)),
        ];
    }

    private static BrokenRoute Unsupported(HttpRoute http)
    {
        var action = http switch
        {
            { Redirect: not null } => "redirect",
            { DirectResponse: not null } => "directResponse",
            { Delegate: not null } => "delegate",
            _ => "a rule without route",
        };
        return new BrokenRoute { Status = 500, Message = $"{action} is not supported by this version of Mesh" };
    }
}
