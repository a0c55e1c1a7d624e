using System.Globalization;
using System.Net;
using Mesh.Config;
using Mesh.Operator.Core.Explain;
using Mesh.Operator.Core.Snapshot;
using Mesh.Sidecar;
using Mesh.Sidecar.Routing;

namespace Mesh.Cli.Routes;

/// <summary>
/// A question and what the caller's proxy was told -> where the request goes, and why. What decides is the proxy's own code
/// (listeners, hosts, matchers); what is added here are the words. No socket is opened.
/// </summary>
internal sealed class RouteFinder(RouteWorld world, RouteQuestion question)
{
    private readonly List<string> why = [];

    private readonly IPEndPoint destination = question.Address ?? new IPEndPoint(world.AddressOf(question.To.Host) ?? IPAddress.Any, question.Port);

    public RouteAnswer Find()
    {
        if (world.Listeners.Find(destination) is not { } listener)
        {
            why.Add($"no listener for port {Text(question.Port)}");
            SayUnknownAddress();
            return Unknown();
        }

        if (question.IsTls || question.IsOpaque)
        {
            SayUnknownAddress();
            why.AddRange(HostExplainer.WithoutSay(world.Plan, world.Pod, HostNames.Resolve(question.To.Host, world.Pod.Namespace)));
        }

        if (question.IsTls && listener.Protocol != AppProtocol.Http) return OpaqueAnswers.Tls(this, listener, question.ServerName ?? question.To.Host);
        if (question.IsOpaque || listener.Routes is null || listener.Protocol is AppProtocol.Tcp or AppProtocol.Tls) return OpaqueAnswers.Tcp(this, listener);
        return Http(listener);
    }

    public IPAddress Address => destination.Address;

    /// <summary>A line for the answer.</summary>
    public void Say(string line) => why.Add(line);

    /// <summary>What is done with destinations nobody told of.</summary>
    public RouteAnswer Unknown() => world.Config.Outbound is { UnknownDestinations: UnknownDestinations.AllowAny, EgressProxy: { } proxy }
        ? new RouteAnswer { Outcome = "route", Destinations = RouteAnswers.Destinations([proxy]), Why = why }
        : world.Config.Outbound.UnknownDestinations == UnknownDestinations.AllowAny
        ? new RouteAnswer { Outcome = "passthrough", Destinations = [new AnsweredDestination(ClusterNames.Passthrough, 100)], Why = why }
        : new RouteAnswer { Outcome = "blackhole", Destinations = [new AnsweredDestination(ClusterNames.BlackHole, 100)], Status = question.IsOpaque || question.IsTls ? null : 502, Why = why };

    public RouteAnswer Opaque(IReadOnlyList<WeightedCluster> destinations, string origin) => RouteAnswers.WithOrigin(
        new RouteAnswer { Outcome = "route", Destinations = RouteAnswers.Destinations(destinations), Why = why }, origin);

    private void SayUnknownAddress()
    {
        if (question.Address is null && Equals(destination.Address, IPAddress.Any))
            why.Add($"nobody here knows an address of {question.To.Host}: only listeners for every address come into question");
    }

    private RouteAnswer Http(CompiledListener listener)
    {
        var request = Request();
        if (listener.Routes!.FindVirtualHost(request.Authority) is not { } host)
        {
            why.Add($"no host of port {Text(question.Port)} is called {request.Authority}");
            return Unknown();
        }

        var routes = host.Routes.Select(route => route.Config).ToList();
        var rules = HostExplainer.Explain(world.Plan, world.Pod, host.Name[..host.Name.LastIndexOf(':')], question.Port);
        why.AddRange(rules.Others);
        var found = host.Match(request);
        foreach (var rule in rules.Rules)
            if (!Consider(rule, routes, found?.Config, request)) break;
        if (rules.Rules.IsEmpty) why.Add($"no VirtualService speaks for {host.Name}: all of it goes to the service");
        return found is null
            ? new RouteAnswer { Outcome = "notFound", Status = 404, Why = why }
            : RouteAnswers.Of(found, request, rules.Rules.FirstOrDefault(rule => rule.Origin == found.Config.Origin)?.Name, why);
    }

    // False once the answer is found.
    private bool Consider(RuleView rule, List<Route> routes, Route? found, Exchange request)
    {
        var name = RouteAnswers.RuleOf(rule.Origin) + (rule.Name.Length > 0 ? $" \"{rule.Name}\"" : "");
        var told = routes.Where(route => route.Origin == rule.Origin).ToList();
        foreach (var untold in rule.Untold) why.Add($"{name}: not for this caller: {untold}");
        if (told.Count == 0 && rule.Untold.IsEmpty) why.Add($"{name}: never reached: an earlier rule takes every request");
        foreach (var route in told)
        {
            if (ReferenceEquals(route, found))
            {
                why.Add(route.Matches.IsEmpty ? $"{name}: matches: it takes every request" : $"{name}: matches: {string.Join(" or ", route.Matches.Select(MatchReasons.Text))}");
                return false;
            }

            why.Add($"{name}: {string.Join("; ", route.Matches.Select(match => MatchReasons.FirstUnmet(match, request)))}");
        }

        return true;
    }

    private Exchange Request()
    {
        var headers = new HeaderList();
        foreach (var (name, value) in question.Headers.Where(header => !header.Key.Equals("host", StringComparison.OrdinalIgnoreCase))) headers.Append(name, value);
        var host = question.Headers.FirstOrDefault(header => header.Key.Equals("host", StringComparison.OrdinalIgnoreCase)).Value;
        var authority = host ?? (question.To.IsDefaultPort || question.To.Port < 0 ? question.To.Host : string.Create(CultureInfo.InvariantCulture, $"{question.To.Host}:{question.To.Port}"));
        // A URL that ends with its host asks for the root, as every client sends it.
        var asked = question.To.PathAndQuery is ['/', ..] given ? given : "/" + question.To.PathAndQuery;
        if (!RequestTarget.TryParse(asked, world.Config.Mesh.PathNormalization, out var target))
            throw new IOException($"{asked} is no path of a request: a sidecar answers 400");
        return new Exchange
        {
            Direction = Direction.Outbound,
            Snapshot = null!, // routes are chosen by the request alone
            Method = question.Method,
            Authority = authority,
            Path = target.Path,
            Query = target.Query,
            Headers = headers,
            OriginalDestination = destination,
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
