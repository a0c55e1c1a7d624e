using System.Collections.Immutable;
using Mesh.Sidecar.Filters;
using Mesh.Sidecar.Telemetry;

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
        Destinations = new WeightedChoice<CompiledDestination>(
            [.. config.Destinations.Select(destination => new CompiledDestination(destination))], destination => destination.Config.Weight);
        RequestHeaders = HeaderEdits.OfRequest(config.Headers);
        ResponseHeaders = HeaderEdits.OfResponse(config.Headers);
        if (config.Redirect is { } redirect) Redirect = new CompiledRedirect(redirect);
        if (config.DirectResponse is { } direct) DirectResponse = new Rejection(direct.Status, ResponseFlag.None, "") { Body = direct.Body, Details = "direct_response" };
        if (config.Cors is { } cors) Cors = new CompiledCors(cors);
        if (config.Rewrite is { } rewrite) Rewrite = new CompiledRewrite(rewrite);
    }

    /// <summary>As told: name, origin, timeout, retry, broken.</summary>
    public Mesh.Config.Route Config { get; }

    /// <summary>Where to, drawn by weight per request; empty when the route is broken.</summary>
    public WeightedChoice<CompiledDestination> Destinations { get; }

    /// <summary>When and how often a try is followed by another.</summary>
    public RetryTerms Retry { get; }

    // Of what follows, null is a route without the feature, whose requests then pay nothing for it.

    /// <summary>Where the client is sent.</summary>
    public CompiledRedirect? Redirect { get; }

    /// <summary>What the proxy answers by itself.</summary>
    public Rejection? DirectResponse { get; }

    /// <summary>Which browsers' pages may read answers.</summary>
    public CompiledCors? Cors { get; }

    /// <summary>What is changed of path and host.</summary>
    public CompiledRewrite? Rewrite { get; }

    /// <summary>Changes of request headers.</summary>
    public HeaderEdits? RequestHeaders { get; }

    /// <summary>Changes of response headers.</summary>
    public HeaderEdits? ResponseHeaders { get; }

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
