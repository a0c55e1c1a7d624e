using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The services by host name, those of the cluster and those of ServiceEntries, in the order of their hosts.</summary>
internal sealed class ServiceDirectory
{
    private readonly FrozenDictionary<string, ImmutableArray<Service>> byHost;

    private readonly Dictionary<string, ImmutableArray<Service>> visible = new(StringComparer.Ordinal);

    /// <param name="services">Those of the cluster and those of ServiceEntries.</param>
    /// <param name="exportTo">Who sees those that do not say it.</param>
    public ServiceDirectory(IEnumerable<Service> services, ValueArray<string> exportTo = default)
    {
        var exported = exportTo.Count == 0 ? services : services.Select(service => service.ExportTo.Count == 0 ? service with { ExportTo = exportTo } : service);
        byHost = exported.GroupBy(service => service.Host, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => Ranked(group), StringComparer.Ordinal);
        All = [.. byHost.Values.SelectMany(services => services).OrderBy(service => service.Host, StringComparer.Ordinal).ThenBy(service => service.Key)];
    }

    /// <summary>Every service; a host that several namespaces claim stands once for each.</summary>
    public ImmutableArray<Service> All { get; }

    /// <summary>The one that has the host where all are visible.</summary>
    public Service? Find(string host) => byHost.TryGetValue(host, out var services) ? services[0] : null;

    /// <summary>The one that has the host for clients of a namespace.</summary>
    public Service? Find(string host, string clientNamespace) =>
        byHost.TryGetValue(host, out var services) ? services.FirstOrDefault(service => IsVisible(service, clientNamespace)) : null;

    /// <summary>All that claim a host, the one with the best claim first.</summary>
    public ImmutableArray<Service> Claims(string host) => byHost.TryGetValue(host, out var services) ? services : [];

    public ImmutableArray<Service> VisibleFrom(string clientNamespace)
    {
        if (!visible.TryGetValue(clientNamespace, out var services))
            visible.Add(clientNamespace, services = [.. All.Where(service => IsVisible(service, clientNamespace)).Select(service => service.Host).Distinct(StringComparer.Ordinal).Select(host => Find(host, clientNamespace)!)]);
        return services;
    }

    /// <summary>Those that are taken as well, the client's own namespace first where several have one host.</summary>
    public IEnumerable<Service> VisibleFrom(string clientNamespace, Func<Service, bool> takes)
    {
        foreach (var host in VisibleFrom(clientNamespace).Select(service => service.Host))
        {
            var claims = byHost[host].Where(service => IsVisible(service, clientNamespace) && takes(service)).ToList();
            if (claims.Count > 0) yield return claims.FirstOrDefault(service => service.Key.Namespace == clientNamespace) ?? claims[0];
        }
    }

    private static bool IsVisible(Service service, string clientNamespace) => Visibility.Reaches(service.ExportTo, service.Key.Namespace, clientNamespace);

    // A Service of the cluster is not taken over by whoever writes its name into a ServiceEntry; among these the oldest has
    // the host. Those of one namespace that are found in the same way are one service with the ports of all.
    private static ImmutableArray<Service> Ranked(IEnumerable<Service> services)
    {
        var ranked = new List<Service>();
        foreach (var service in services.OrderBy(service => service.IsOfEntry).ThenBy(service => service.Created).ThenBy(service => service.IsOfEntry ? service.Entries[0].Object : service.Key))
        {
            var same = ranked.FindIndex(held => held.Key.Namespace == service.Key.Namespace);
            if (same < 0) ranked.Add(service);
            else if (Merges(ranked[same], service)) ranked[same] = Merged(ranked[same], service);
        }

        return [.. ranked];
    }

    /// <summary>Whether two services of one host become one.</summary>
    public static bool Merges(Service held, Service other) =>
        held.IsOfEntry && other.IsOfEntry && held.Key == other.Key && held.Kind == other.Kind && held.Selector.Equals(other.Selector) && held.ExportTo == other.ExportTo;

    private static Service Merged(Service held, Service other) => held with
    {
        Entries = [.. held.Entries.Items, .. other.Entries.Items],
        Ports = [.. held.Ports.Items.Concat(other.Ports.Items.Where(port => held.Ports.Items.All(own => own.Port != port.Port)))],
        Addresses = [.. held.Addresses.Items.Union(other.Addresses.Items, StringComparer.Ordinal)],
        Members = [.. OfOwnPorts(held), .. OfOwnPorts(other)],
    };

    // Each entry's members serve its own ports only.
    private static IEnumerable<EntryMember> OfOwnPorts(Service service) =>
        service.Members.Items.Select(member => member.OnlyPorts.Count > 0 ? member : member with { OnlyPorts = [.. service.Ports.Items.Select(port => port.Port)] });
}
