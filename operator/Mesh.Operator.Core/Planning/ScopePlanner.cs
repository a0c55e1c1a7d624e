using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>Rules and Services -> what one scope is told.</summary>
internal sealed class ScopePlanner(ServiceDirectory directory, RuleBook rules, PolicyBook policies, HealthBook healthChecks, MeshWideSettings settings, EndpointBook endpoints, ClusterBook clusterBook, SectionPool pool)
{
    public ScopePlan Plan(Scope scope)
    {
        var told = ScopeServices.Of(scope, directory, rules);
        var services = told.All;
        var policyOf = services.ToFrozenDictionary(service => service.Host, service => policies.For(scope, service), StringComparer.Ordinal);
        var destinations = new DestinationResolver(services.ToFrozenDictionary(service => service.Host, StringComparer.Ordinal), service => policyOf[service.Host]);
        var tables = new RouteTablePlanner(scope, told.Callable, rules, new RouteTranslator(scope, rules, destinations, new RetryTranslator(settings.DefaultRetries)));
        var contributions = new SortedDictionary<RuleKey, List<string>>();

        var ports = tables.Ports.ToImmutableArray();
        var routes = ImmutableArray.CreateBuilder<Section>();
        foreach (var port in ports)
        {
            var planned = tables.Table(port);
            var section = pool.Intern(Section.Of(planned.Table));
            routes.Add(section);
            foreach (var rule in planned.Rules) Contribute(contributions, rule, section.Name);
            if (scope.Sidecar is { } sidecar) Contribute(contributions, sidecar.Rule.Key, section.Name);
        }

        if (scope.Sidecar is not null) Contribute(contributions, scope.Sidecar.Rule.Key, SectionNames.Outbound);

        var clusters = ImmutableArray.CreateBuilder<Section>();
        var credentials = new HashSet<CredentialRef>();
        foreach (var service in services)
        {
            var checks = healthChecks.For(scope.Namespace, service);
            var (section, needed) = clusterBook.Of(service, policyOf[service.Host], checks);
            clusters.Add(section);
            credentials.UnionWith(needed);
            foreach (var rule in policyOf[service.Host].Rules) Contribute(contributions, rule, section.Name);
            foreach (var check in checks.Entries) Contribute(contributions, check.Rule.Key, section.Name);
            foreach (var entry in service.Entries)
            {
                Contribute(contributions, entry, section.Name);
                Contribute(contributions, entry, SectionNames.Outbound);
            }
        }

        var opaque = Opaque(services, new OpaqueRouteTranslator(scope, rules, destinations));
        foreach (var rule in opaque.Values.SelectMany(routes => routes.Rules).Distinct()) Contribute(contributions, rule, SectionNames.Outbound);
        return WithOutbound(new ScopePlan
        {
            Scope = scope,
            Callable = told.Callable,
            Services = services,
            TablePorts = ports,
            Clusters = clusters.ToImmutable(),
            Credentials = [.. credentials.OrderBy(credential => credential.Name, StringComparer.Ordinal)],
            Routes = [.. routes.OrderBy(section => section.Name, StringComparer.Ordinal)],
            Contributions = contributions.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToImmutableArray()),
            Opaque = opaque,
            EgressProxy = scope.Sidecar is { EgressProxy: { } proxy } owner ? destinations.Resolve(proxy, 1, owner.Rule.Namespace, 0) : null,
            Outbound = null!,
        });
    }

    /// <summary>The same plan after endpoints changed: only listeners and names of headless Services know their members.</summary>
    public ScopePlan Refresh(ScopePlan plan) =>
        plan.HeadlessMembers == HeadlessMembers(plan.Callable) ? plan : WithOutbound(plan);

    private ScopePlan WithOutbound(ScopePlan plan) => plan with
    {
        HeadlessMembers = HeadlessMembers(plan.Callable),
        Outbound = pool.Intern(Section.Of(new OutboundConfig
        {
            UnknownDestinations = plan.Scope.Sidecar?.UnknownDestinations ?? settings.UnknownDestinations,
            EgressProxy = plan.EgressProxy,
            Listeners = new ListenerTranslator(plan.Callable, endpoints.Addresses, (service, port) => plan.Opaque.GetValueOrDefault((service.Host, port.Port), OpaqueRoutes.None)).Translate(plan.TablePorts, EgressPlace.Of(plan.Scope, plan.Callable)),
            Dns = DnsTranslator.Translate(plan.Callable, endpoints.Names),
        })),
    };

    private static FrozenDictionary<(string Host, int Port), OpaqueRoutes> Opaque(ImmutableArray<Service> services, OpaqueRouteTranslator translator) =>
        services.SelectMany(service => service.Ports.Select(port => (Place: (service.Host, port.Port), Routes: translator.Translate(service, port))))
            .Where(pair => pair.Routes.Rules.Length > 0)
            .DistinctBy(pair => pair.Place)
            .ToFrozenDictionary(pair => pair.Place, pair => pair.Routes);

    private ValueArray<string> HeadlessMembers(ImmutableArray<Service> services) =>
    [
        .. services.Where(service => service.Kind == ServiceKind.Headless).SelectMany(service => service.Ports
            .SelectMany(port => endpoints.Addresses(service, port.Port).Select(address => $"{service.Host}:{port.Port}/{address}"))
            .Concat(endpoints.Names(service).Select(name => $"{name.Hostname}.{service.Host}/{name.Address}"))),
    ];

    private static void Contribute(SortedDictionary<RuleKey, List<string>> contributions, RuleKey rule, string section)
    {
        if (!contributions.TryGetValue(rule, out var sections)) contributions.Add(rule, sections = []);
        sections.Add(section);
    }
}
