using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Mesh.Config;

namespace Mesh.Sidecar.Config;

/// <summary>
/// The pools of clusters whose members come from DNS: resolved as soon as config names them and again and again while it
/// does, each name once for all clusters. A name that stops resolving keeps its last addresses; one that never did has none
/// and says why. Changed under the loader's lock only.
/// </summary>
public sealed class DnsPools(DnsPools.Resolver resolve, Func<IPAddress, bool> leadsBack, TimeProvider clock, ILogger<DnsPools> log) : IDisposable
{
    // The system's resolver tells no TTL; this is Envoy's default refresh rate.
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, DnsPool> pools = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, AskedHosts> hosts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, WatchedName> names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Looks a name up.</summary>
    public delegate Task<IPAddress[]> Resolver(string name, CancellationToken cancellation);

    /// <summary>With the resolver of the system.</summary>
    public static DnsPools OfSystem(TimeProvider clock, ILogger<DnsPools> log) => new(Dns.GetHostAddressesAsync, OwnAddresses.Contain, clock, log);

    /// <summary>Where the current members of this cluster are found; begins to look them up.</summary>
    /// <param name="cluster">One that resolves names.</param>
    /// <param name="told">Its members, addresses or names; not looked at where the cluster has a name of its own.</param>
    public Func<EndpointPool> PoolOf(Cluster cluster, ImmutableArray<Mesh.Config.Endpoint> told)
    {
        var targets = TargetsOf(cluster, told);
        var pool = pools.GetOrAdd(KeyOf(cluster, targets), _ => new DnsPool(cluster, targets, Watch, clock));
        return () => pool.Current;
    }

    /// <summary>The hosts that this cluster was asked for of late; nothing is looked up before somebody asks.</summary>
    /// <param name="cluster">One that resolves what it is asked for.</param>
    /// <param name="told">The members of its group: none, or the one that says the port.</param>
    internal AskedHosts HostsOf(Cluster cluster, ImmutableArray<Mesh.Config.Endpoint> told) =>
        hosts.GetOrAdd(KeyOf(cluster, told), _ => new AskedHosts(cluster, told.IsEmpty ? cluster.Port : told[0].Port, resolve, leadsBack, clock, log));

    /// <summary>Stops looking up what config no longer names.</summary>
    public void KeepOnly(ProxyConfig config)
    {
        var groups = config.Endpoints.ToDictionary(group => (group.Host, group.Port));
        var live = new HashSet<string>(StringComparer.Ordinal);
        var liveNames = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var cluster in config.Clusters.Where(IsResolved))
        {
            var targets = TargetsOf(cluster, SnapshotCompiler.MembersOf(cluster, groups.GetValueOrDefault((cluster.Host, cluster.Port))));
            live.Add(KeyOf(cluster, targets));
            if (cluster.Discovery != Discovery.DynamicDns) liveNames.UnionWith(targets.Select(target => target.Address));
        }

        Drop(live, liveNames);
    }

    /// <summary>Whether the members of this cluster are found by names.</summary>
    public static bool IsResolved(Cluster cluster) => cluster.Discovery is Discovery.Dns or Discovery.DnsRoundRobin or Discovery.DynamicDns;

    /// <inheritdoc/>
    public void Dispose() => Drop([], []);

    private void Drop(HashSet<string> livePools, HashSet<string> liveNames)
    {
        foreach (var key in hosts.Keys)
        {
            if (!livePools.Contains(key) && hosts.TryRemove(key, out var asked)) asked.Dispose();
        }

        foreach (var key in pools.Keys)
        {
            if (!livePools.Contains(key) && pools.TryRemove(key, out var pool)) pool.Dispose();
        }

        foreach (var name in names.Keys)
        {
            if (!liveNames.Contains(name) && names.TryRemove(name, out var watched)) watched.Dispose();
        }
    }

    private WatchedName Watch(string name) => names.GetOrAdd(name, _ => new WatchedName(name, resolve, Refresh, clock, log));

    private static ImmutableArray<Mesh.Config.Endpoint> TargetsOf(Cluster cluster, ImmutableArray<Mesh.Config.Endpoint> told) =>
        cluster.DnsName.Length > 0 ? [new Mesh.Config.Endpoint { Address = cluster.DnsName, Port = cluster.Port }] : told;

    // All that a member of the pool is made from: with anything else it is another pool.
    private static string KeyOf(Cluster cluster, ImmutableArray<Mesh.Config.Endpoint> targets) => string.Join('\n', targets.Select(target => string.Create(
        CultureInfo.InvariantCulture,
        $"{target.Address} {target.Port} {target.Weight} {target.Pod} {target.Workload} {target.Namespace} {target.ServiceAccount} {target.MutualTls} {target.Region}/{target.Zone}/{target.SubZone} {string.Join(',', target.Labels)}")).Prepend($"{cluster.Name} {cluster.Discovery}"));
}
