using System.Collections.Immutable;
using System.Net;
using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>
/// Chooses the destinations of a TLS connection. The most specific server name decides first, as rules of different owners
/// meet on one port and must not depend on each other's order; among routes of one name the first whose networks fit.
/// </summary>
internal sealed class CompiledTlsRoutes
{
    private readonly HostTable<HostRoutes> byName;
    private readonly ImmutableArray<HostRoutes> mostSpecificFirst;

    public CompiledTlsRoutes(ImmutableArray<TlsRoute> routes)
    {
        var hosts = new Dictionary<string, HostRoutes>(StringComparer.OrdinalIgnoreCase);
        foreach (var route in routes)
        {
            var entry = new Entry(new AddressSet(route.Subnets), new WeightedChoice<WeightedCluster>(route.Destinations, destination => destination.Weight));
            foreach (var host in route.SniHosts.Distinct(StringComparer.OrdinalIgnoreCase))
            {
                if (!hosts.TryGetValue(host, out var known)) hosts[host] = known = new HostRoutes(host);
                known.Entries.Add(entry);
            }
        }

        byName = new HostTable<HostRoutes>(hosts.Values.Select(host => (host.Pattern, host)));
        mostSpecificFirst = [.. hosts.Values.OrderBy(host => host.Pattern.StartsWith('*')).ThenByDescending(host => host.Pattern.Length)];
    }

    public WeightedChoice<WeightedCluster>? Find(ReadOnlySpan<char> serverName, IPAddress destination)
    {
        if (byName.Find(serverName) is not { } found) return null;
        if (found.Find(destination) is { } choice) return choice;

        // The best name is limited to other networks: the next best may not be. Rare, so it may take a walk.
        foreach (var host in mostSpecificFirst)
        {
            if (host.Matches(serverName) && host.Find(destination) is { } other) return other;
        }

        return null;
    }

    private sealed record Entry(AddressSet Networks, WeightedChoice<WeightedCluster> Destinations);

    private sealed class HostRoutes(string pattern)
    {
        public string Pattern => pattern;

        public List<Entry> Entries { get; } = [];

        public bool Matches(ReadOnlySpan<char> name) =>
            pattern == "*"
            || (pattern.StartsWith('*')
                ? name.Length >= pattern.Length && name.EndsWith(pattern.AsSpan(1), StringComparison.OrdinalIgnoreCase)
                : name.Equals(pattern, StringComparison.OrdinalIgnoreCase));

        public WeightedChoice<WeightedCluster>? Find(IPAddress destination)
        {
            foreach (var entry in Entries)
            {
                if (entry.Networks.Contains(destination)) return entry.Destinations;
            }

            return null;
        }
    }
}
