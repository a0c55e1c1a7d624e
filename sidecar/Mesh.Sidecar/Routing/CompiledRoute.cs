using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Sidecar.Filters;

namespace Mesh.Sidecar.Routing;

/// <summary>One HTTP route: when it applies and what is done.</summary>
public sealed class CompiledRoute
{
    private readonly ImmutableArray<RequestMatcher> matchers;

    /// <summary>Compiles.</summary>
    public CompiledRoute(Mesh.Config.Route config)
    {
        Config = config;
        matchers = [.. config.Matches.Select(match => new RequestMatcher(match))];
        Retry = RetryTerms.Of(config.Retry);
        Destinations = new WeightedChoice<WeightedCluster>(config.Destinations, destination => destination.Weight);
    }

    /// <summary>As told: name, origin, timeout, retry, broken.</summary>
    public Mesh.Config.Route Config { get; }

    /// <summary>Where to, drawn by weight per request; empty when the route is broken.</summary>
    public WeightedChoice<WeightedCluster> Destinations { get; }

    /// <summary>When and how often a try is followed by another.</summary>
    public RetryTerms Retry { get; }

    /// <summary>Whether any of the conditions holds, or there is none.</summary>
    public bool Matches(Exchange exchange)
    {
        if (matchers.IsEmpty) return true;
        foreach (var matcher in matchers)
        {
            if (matcher.Matches(exchange)) return true;
        }

        return false;
    }
}
