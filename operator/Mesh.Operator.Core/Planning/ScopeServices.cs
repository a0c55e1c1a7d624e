using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The services that one scope is told of.</summary>
internal sealed record ScopeServices
{
    /// <summary>Those its clients can call, ordered by host.</summary>
    public required ImmutableArray<Service> Callable { get; init; }

    /// <summary>These, and those that only rules lead to.</summary>
    public required ImmutableArray<Service> All { get; init; }

    public static ScopeServices Of(Scope scope, ServiceDirectory directory, RuleBook rules)
    {
        if (scope.Sidecar is not { Egress.IsEmpty: false } sidecar)
        {
            var everything = directory.VisibleFrom(scope.Namespace);
            return new ScopeServices { Callable = everything, All = everything };
        }

        var ownPorts = sidecar.Egress.Where(egress => egress.Port > 0).Select(egress => egress.Port).ToHashSet();
        var callable = new SortedDictionary<string, Service>(StringComparer.Ordinal);
        foreach (var egress in sidecar.Egress)
        {
            foreach (var service in directory.VisibleFrom(scope.Namespace, service => egress.Takes(service, scope.Namespace)))
            {
                // A list for one port takes the place of the list for all.
                var narrowed = Narrowed(service, port => egress.Port > 0 ? port == egress.Port : !ownPorts.Contains(port));
                if (narrowed.Ports.Count > 0 || service.Ports.Count == 0) Add(callable, narrowed);
            }
        }

        var all = new SortedDictionary<string, Service>(callable, StringComparer.Ordinal);
        foreach (var service in Destinations(scope, directory, rules)) Add(all, service);
        if (sidecar.EgressProxy is { Host: { } proxy } && directory.Find(HostNames.Resolve(proxy, sidecar.Rule.Namespace), scope.Namespace) is { } found) Add(all, found);
        return new ScopeServices { Callable = [.. callable.Values], All = [.. all.Values] };
    }

    private static void Add(SortedDictionary<string, Service> services, Service service)
    {
        if (!services.TryGetValue(service.Host, out var held)) services.Add(service.Host, service);
        // The list that was first has the host; another may add ports of the same service.
        else if (held.Key == service.Key) services[service.Host] = held with { Ports = [.. held.Ports.Items.Union(service.Ports.Items).OrderBy(port => port.Port)] };
    }

    private static Service Narrowed(Service service, Func<int, bool> takes) =>
        service.Ports.Items.All(port => takes(port.Port)) ? service : service with { Ports = [.. service.Ports.Items.Where(port => takes(port.Port))] };

    // A rule that is seen leads to its destinations, also to those that the list does not name.
    private static IEnumerable<Service> Destinations(Scope scope, ServiceDirectory directory, RuleBook rules) =>
        rules.Entries.Where(entry => entry is { IsValid: true, IsOnMesh: true } && scope.Sees(entry))
            .SelectMany(entry => HostsOf(entry, rules))
            .Distinct(StringComparer.Ordinal)
            .Select(host => directory.Find(host, scope.Namespace))
            .OfType<Service>();

    private static IEnumerable<string> HostsOf(VirtualServiceEntry entry, RuleBook rules)
    {
        var http = rules.HttpOf(entry).SelectMany(rule => rule.Route.Route.Select(route => (Destination: (Destination?)route.Destination, rule.Namespace))
            .Concat(rule.Route.Mirrors.Select(mirror => mirror.Destination).Append(rule.Route.Mirror).Select(mirror => (mirror, rule.Namespace))));
        var other = entry.Rule.Spec.Tls.SelectMany(rule => rule.Route).Concat(entry.Rule.Spec.Tcp.SelectMany(rule => rule.Route))
            .Select(route => ((Destination?)route.Destination, entry.Rule.Namespace));
        return http.Concat(other).Where(pair => !string.IsNullOrEmpty(pair.Item1?.Host)).Select(pair => HostNames.Resolve(pair.Item1!.Host!, pair.Item2));
    }
}
