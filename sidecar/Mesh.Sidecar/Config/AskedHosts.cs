using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Routing;

namespace Mesh.Sidecar.Config;

/// <summary>
/// The hosts below the wildcard of one cluster that were asked for of late: each is looked up when it is asked for first, again
/// and again while it is used, and forgotten when nobody asked for some time. Their number is bounded. Lives on from snapshot
/// to snapshot.
/// </summary>
internal sealed class AskedHosts : IDisposable
{
    // Envoy's bounds: max_hosts and host_ttl of its DNS cache.
    private const int Most = 1024;
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    // More seldom than a name that config tells: there may be a thousand of these.
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(30);

    // Who asks for a host that did not resolve this long ago has it looked up anew.
    private static readonly TimeSpan FailureHolds = TimeSpan.FromSeconds(5);

    private const int LongestName = 253; // RFC 1035 section 3.1

    private readonly Lock changing = new();
    private readonly ConcurrentDictionary<string, AskedHost> hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, AskedHost>.AlternateLookup<ReadOnlySpan<char>> byHost;
    private readonly Cluster cluster;
    private readonly int port;
    private readonly DnsPools.Resolver resolve;
    private readonly Func<IPAddress, bool> leadsBack;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private volatile EndpointPool members = EndpointPool.Empty;
    private ITimer? timer;
    private bool disposed;

    public AskedHosts(Cluster cluster, int port, DnsPools.Resolver resolve, Func<IPAddress, bool> leadsBack, TimeProvider clock, ILogger log)
    {
        (this.cluster, this.port, this.resolve, this.leadsBack, this.clock, this.log) = (cluster, port, resolve, leadsBack, clock, log);
        byHost = hosts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The members of all of them.</summary>
    public EndpointPool Members => members;

    /// <summary>How many there are.</summary>
    public int Count => hosts.Count;

    /// <summary>
    /// The cluster with the members of the host that this authority (or server name) names; waits for the first lookup. Where
    /// there are none it is empty, and its pool says why.
    /// </summary>
    public ValueTask<CompiledCluster> ClusterOfAsync(CompiledCluster whole, string authority, CancellationToken cancellation)
    {
        var host = Authority.HostOf(authority);
        if (!byHost.TryGetValue(host, out var asked) || !asked.IsAnswered || asked.HasFailed(FailureHolds)) return AskAsync(whole, host.ToString(), cancellation);
        asked.Touch();
        return new(asked.ClusterOf(whole));
    }

    public void Dispose()
    {
        lock (changing)
        {
            disposed = true;
            foreach (var host in hosts.Keys) Forget(host);
        }
    }

    private async ValueTask<CompiledCluster> AskAsync(CompiledCluster whole, string host, CancellationToken cancellation)
    {
        if (WhyNot(host) is { } why) return whole.With(Nobody(why));
        if (Ask(host) is not { } asked) return whole.With(Nobody($"{Most} hosts of {cluster.Host} are in use at a time, and {host} would be one more"));
        try
        {
            await asked.Answered.WaitAsync(whole.Config.ConnectTimeout, clock, cancellation);
            return asked.ClusterOf(whole);
        }
        catch (TimeoutException)
        {
            return whole.With(Nobody($"{host} was not resolved within {whole.Config.ConnectTimeout.TotalSeconds:0.###} s"));
        }
    }

    // What is not below the wildcard is none of this cluster's, whatever led here.
    private string? WhyNot(string host)
    {
        if (host.Length == 0) return "it was not told which host is meant (no Host, or no server name in TLS)";
        var isBelow = cluster.Host == "*" || (cluster.Host.StartsWith('*') && host.Length >= cluster.Host.Length && host.EndsWith(cluster.Host[1..], StringComparison.OrdinalIgnoreCase));
        if (!isBelow) return $"{host} is none of {cluster.Host}";
        return host.Length > LongestName || Uri.CheckHostName(host) == UriHostNameType.Unknown ? $"'{host}' is no name of a host" : null;
    }

    private AskedHost? Ask(string host)
    {
        lock (changing)
        {
            if (disposed) return null;
            if (hosts.TryGetValue(host, out var known))
            {
                known.Touch();
                if (!known.HasFailed(FailureHolds)) return known;
                Forget(host);
            }

            if (hosts.Count >= Most && !ForgetOldest()) return null;
            var asked = new AskedHost(cluster, new Mesh.Config.Endpoint { Address = host.Trim('[', ']').ToLowerInvariant(), Port = port }, Watch, clock, leadsBack);
            hosts[host] = asked;
            asked.Changed += Gather;
            Gather();
            timer ??= clock.CreateTimer(static state => ((AskedHosts)state!).ForgetIdle(), this, Kept / 5, Kept / 5);
            return asked;
        }
    }

    private WatchedName Watch(string name) => new(name, resolve, Refresh, clock, log);

    // Taken under the lock: of two changes at once the later one must not be lost.
    private void Gather()
    {
        lock (changing) members = new EndpointPool([.. hosts.OrderBy(host => host.Key, StringComparer.Ordinal).SelectMany(host => host.Value.Members)]);
    }

    private void ForgetIdle()
    {
        lock (changing)
        {
            foreach (var (host, asked) in hosts)
            {
                if (asked.IsIdle && asked.IdleFor >= Kept) Forget(host);
            }
        }
    }

    private bool ForgetOldest()
    {
        var oldest = hosts.Where(host => host.Value.IsIdle).OrderByDescending(host => host.Value.IdleFor).FirstOrDefault().Key;
        if (oldest is null) return false;
        Forget(oldest);
        return true;
    }

    private void Forget(string host)
    {
        if (!hosts.TryRemove(host, out var asked)) return;
        asked.Changed -= Gather;
        asked.Dispose();
        Gather();
        if (!hosts.IsEmpty) return;
        timer?.Dispose();
        timer = null;
    }

    private static Func<EndpointPool> Nobody(string why)
    {
        var nobody = new EndpointPool(ImmutableArray<CompiledEndpoint>.Empty) { Failure = why };
        return () => nobody;
    }
}
