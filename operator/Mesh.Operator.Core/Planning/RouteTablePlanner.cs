using System.Collections.Immutable;
using System.Globalization;
using Mesh.Api.Validation;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>Which virtual hosts the route table of a port holds for one scope, and which rule speaks for each.</summary>
internal sealed class RouteTablePlanner(Scope scope, ImmutableArray<Service> services, RuleBook rules, RouteTranslator routes)
{
    // Where hosts that are no service are routed: no port of a service tells.
    private const int PortOfUnknownHosts = 80;

    private readonly ILookup<int, Service> byHttpPort = services
        .SelectMany(service => service.Ports.Where(port => port.SpeaksHttp).Select(port => (port.Port, service)))
        .ToLookup(pair => pair.Port, pair => pair.service);

    private readonly ILookup<int, (VirtualServiceEntry Rule, string Host)> otherHosts =
        OtherHosts(services, rules.Routing.Where(scope.Sees));

    /// <summary>Ports that have a table, in order.</summary>
    public IEnumerable<int> Ports => byHttpPort.Select(group => group.Key).Concat(otherHosts.Select(group => group.Key)).Distinct().Order();

    public PlannedTable Table(int port)
    {
        var rulesUsed = new SortedSet<RuleKey>();
        var hosts = new List<(bool IsRuled, VirtualHost Host)>();
        foreach (var service in byHttpPort[port])
        {
            var translated = RoutesOf(service, port);
            rulesUsed.UnionWith(translated.Rules);
            hosts.Add((!translated.Rules.IsEmpty, Of(service, port, translated.Routes)));
        }

        foreach (var (rule, host) in otherHosts[port])
        {
            var translated = routes.Translate(rule, port);
            if (translated.IsEmpty) continue;
            rulesUsed.UnionWith(translated.Rules);
            hosts.Add((true, Of(host, port, HostNames.HeaderForms(host, scope.Namespace), translated.Routes)));
        }

        // A domain that two hosts claim goes to the one a rule speaks for.
        var table = new RouteTable
        {
            Name = port.ToString(CultureInfo.InvariantCulture),
            VirtualHosts = WithoutDuplicates(hosts.OrderByDescending(host => host.IsRuled).Select(host => host.Host)),
        };
        return new PlannedTable(table, [.. rulesUsed]);
    }

    private TranslatedRoutes RoutesOf(Service service, int port)
    {
        foreach (var candidate in rules.SpeakingFor(service.Host, scope))
        {
            // A rule that says nothing about this port or these clients leaves them to the next.
            var translated = routes.Translate(candidate, port);
            if (!translated.IsEmpty) return translated;
        }

        return new TranslatedRoutes([routes.Default(service, port)], []);
    }

    private VirtualHost Of(Service service, int port, ImmutableArray<Route> translated)
    {
        var forms = HostNames.HeaderForms(service.Host, scope.Namespace).ToList();
        // Members of a headless Service have names of their own below the Service's.
        if (service.Kind == ServiceKind.Headless) forms.AddRange(forms.Select(form => "*." + form).ToList());
        forms.AddRange(service.Addresses.Items.Where(address => !address.Contains('/', StringComparison.Ordinal)).Select(HostNames.HeaderForm));
        return Of(service.Host, port, forms, translated);
    }

    private static VirtualHost Of(string host, int port, IEnumerable<string> domains, ImmutableArray<Route> translated) => new()
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"{host}:{port}"),
        Domains = [.. domains],
        Routes = translated,
    };

    private static ImmutableArray<VirtualHost> WithoutDuplicates(IEnumerable<VirtualHost> hosts)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. hosts.Select(host => host with { Domains = [.. host.Domains.Where(taken.Add)] })
                .Where(host => !host.Domains.IsEmpty)
                .OrderBy(host => host.Name, StringComparer.Ordinal),
        ];
    }

    // A host that is a service (or a wildcard that covers some) is routed as that service; any other stands beside the
    // services of the same rule, or on port 80 if there are none.
    private static ILookup<int, (VirtualServiceEntry Rule, string Host)> OtherHosts(ImmutableArray<Service> services, IEnumerable<VirtualServiceEntry> rules)
    {
        var byHost = services.ToDictionary(service => service.Host, StringComparer.Ordinal);
        var found = new List<(int Port, VirtualServiceEntry Rule, string Host)>();
        foreach (var rule in rules)
        {
            var covered = rule.Hosts.Select(host => (Host: host, Services: Covered(host, services, byHost))).ToList();
            if (covered.All(pair => pair.Services.Count > 0)) continue;
            var ports = covered.SelectMany(pair => pair.Services)
                .SelectMany(service => service.Ports).Where(port => port.SpeaksHttp).Select(port => port.Port).Distinct().ToList();
            if (ports.Count == 0) ports.Add(PortOfUnknownHosts);
            found.AddRange(covered.Where(pair => pair.Services.Count == 0).SelectMany(pair => ports.Select(port => (port, rule, pair.Host))));
        }

        return found.ToLookup(entry => entry.Port, entry => (entry.Rule, entry.Host));
    }

    private static List<Service> Covered(string host, ImmutableArray<Service> services, Dictionary<string, Service> byHost) =>
        HostPattern.IsWildcard(host) ? [.. services.Where(service => HostPattern.IsWithin(service.Host, host))]
        : byHost.TryGetValue(host, out var service) ? [service]
        : [];
}
