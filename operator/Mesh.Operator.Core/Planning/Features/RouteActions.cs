using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>All that a rule does with the requests of one of its matches, but for where they go.</summary>
internal static class RouteActions
{
    public static Route Of(HttpRoute http, RequestMatch? match)
    {
        var route = new Route
        {
            Matches = match is null ? [] : [match],
            Headers = HeaderTranslator.Translate(http.Headers),
            Cors = CorsTranslator.Translate(http.CorsPolicy),
        };
        if (http.Redirect is { } redirect) return route with { Redirect = RedirectTranslator.Translate(redirect, match) };
        if (http.DirectResponse is { } response) return route with { DirectResponse = DirectResponseTranslator.Translate(response) };
        if (http.Route.Count == 0) return route with { Broken = new BrokenRoute { Status = 500, Message = "the rule says nowhere to go" } };
        // A single destination's Host is the route's; among several each is told its own.
        var only = http.Route is [{ } single] ? HeaderTranslator.AuthorityOf(single.Headers) : null;
        return route with
        {
            Rewrite = RewriteTranslator.Translate(http.Rewrite, HeaderTranslator.AuthorityOf(http.Headers) ?? only, match),
            Fault = FaultTranslator.Translate(http.Fault),
        };
    }

    /// <summary>Changes for one of several destinations; a Host set there counts where the whole route sets none.</summary>
    public static HeaderChanges? Headers(HttpRoute http, HttpRouteDestination destination, Rewrite? ofRoute)
    {
        var changes = HeaderTranslator.Translate(destination.Headers);
        if (http.Route.Count == 1 || ofRoute?.Authority is not null || HeaderTranslator.AuthorityOf(destination.Headers) is not { } host) return changes;
        changes ??= new HeaderChanges();
        return changes with { RequestSet = [.. changes.RequestSet.Append(new HeaderValue("host", host)).OrderBy(header => header.Name, StringComparer.Ordinal)] };
    }
}
