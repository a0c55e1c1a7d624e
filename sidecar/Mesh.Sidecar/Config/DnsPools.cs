using System.Collections.Concurrent;
using System.Net;
using Mesh.Config;

namespace Mesh.Sidecar.Config;

/// <summary>
/// The pools of clusters whose members come from DNS: resolved as soon as config names them and again and again while it
/// does. A name that stops resolving keeps its last addresses; one that never did leaves the pool empty and says why.
/// </summary>
public sealed class DnsPools(DnsPools.Resolver resolve, TimeProvider clock, ILogger<DnsPools> log) : IDisposable
{
    private readonly ConcurrentDictionary<(string Cluster, string DnsName, int Port), DnsPool> pools = new();

    /// <summary>Looks a name up.</summary>
    public delegate Task<IPAddress[]> Resolver(string name, CancellationToken cancellation);

    /// <summary>With the resolver of the system.</summary>
    public static DnsPools OfSystem(TimeProvider clock, ILogger<DnsPools> log) => new(Dns.GetHostAddressesAsync, clock, log);

    /// <summary>Where the current members of this cluster are found; begins to look them up.</summary>
    public Func<EndpointPool> PoolOf(Cluster cluster)
    {
        var pool = pools.GetOrAdd(KeyOf(cluster), _ => new DnsPool(cluster, resolve, clock, log));
        return () => pool.Current;
    }

    /// <summary>Stops looking up what config no longer names.</summary>
    public void KeepOnly(IEnumerable<Cluster> clusters)
    {
        var live = clusters.Where(cluster => cluster.Discovery is Discovery.Dns or Discovery.DnsRoundRobin).Select(KeyOf).ToHashSet();
        foreach (var key in pools.Keys)
        {
            if (!live.Contains(key) && pools.TryRemove(key, out var pool)) pool.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => KeepOnly([]);

    private static (string, string, int) KeyOf(Cluster cluster) => (cluster.Name, cluster.DnsName, cluster.Port);
}
