using System.Collections.Concurrent;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Forwarding;

/// <summary>
/// One <see cref="UpstreamClient"/> for each member of each cluster, made when first needed; for a while two, where a member
/// changed between clear text and mutual TLS: requests under way finish on the old one's connections.
/// </summary>
public sealed class UpstreamClients(MutualTlsClient mutualTls, TimeProvider time)
{
    private const int MostLanes = 64;

    private readonly ConcurrentDictionary<Key, UpstreamClient> clients = new();

    /// <summary>How many members have connections, or had.</summary>
    public int Count => clients.Count;

    /// <summary>The client for this member, in use until released.</summary>
    public UpstreamClient Use(CompiledEndpoint endpoint, CompiledCluster cluster, bool toApplication, bool isHttp2 = false)
    {
        UpstreamTls? tls;
        var lane = 0;
        while (!endpoint.State.Retired.IsCancellationRequested)
        {
            tls = cluster.TlsOf(endpoint);
            var key = new Key(endpoint.State, tls is not null, lane);
            var client = clients.TryGetValue(key, out var known) ? known : Add(key, tls, cluster, toApplication);
            if (!client.TryUse()) continue;
            if (cluster.Config.Pool is { } pool && IsFull(client, pool, isHttp2, lane))
            {
                client.Release();
                lane++;
                continue;
            }

            if (!IsAsTold(client, cluster) || client.Serve() > cluster.Config.Pool?.MaxRequestsPerConnection)
            {
                client.Release();
                Drop(key, client);
                continue;
            }

            if (key.IsMutualTls == (cluster.TlsOf(endpoint) is not null))
            {
                client.Expect(tls);
                return client;
            }

            // The member changed in this very moment: nobody else would let go of what was just made for it.
            client.Release();
            Drop(key, client);
        }

        tls = cluster.TlsOf(endpoint);
        // Only a snapshot that is no longer in force names the member: a client for this one use.
        var last = Make(endpoint.State, tls, cluster, toApplication);
        last.TryUse();
        last.Retire();
        return last;
    }

    /// <summary>A member is spoken to otherwise from now on: the connections of before are let go once their requests are done.</summary>
    public void OnSwitched(EndpointState member)
    {
        DropAll(member, isMutualTls: !member.TakesMutualTls);
    }

    /// <summary>A member is left out as its health check fails: requests under way finish, nothing is kept open to it.</summary>
    public void OnHealthChanged(EndpointState member)
    {
        if (!member.Health.IsUnhealthy) return;
        DropAll(member, isMutualTls: false);
        DropAll(member, isMutualTls: true);
    }

    /// <summary>A new config is in force: a cluster may be told to speak to its members otherwise.</summary>
    public void OnSwapped(ProxySnapshot snapshot)
    {
        if (clients.IsEmpty) return;
        foreach (var cluster in snapshot.Clusters)
        {
            foreach (var member in cluster.Pool.Members) DropOther(cluster, member);
            foreach (var member in cluster.Known.Values) DropOther(cluster, member);
        }
    }

    private void DropOther(CompiledCluster cluster, CompiledEndpoint member)
    {
        DropAll(member.State, isMutualTls: cluster.TlsOf(member) is null);
    }

    private void DropAll(EndpointState member, bool isMutualTls)
    {
        for (var lane = 0; clients.TryRemove(new Key(member, isMutualTls, lane), out var client); lane++) client.Retire();
    }

    // One client opens one HTTP/2 connection as long as the server allows all its streams: more streams, another client.
    private static bool IsFull(UpstreamClient client, ConnectionPool pool, bool isHttp2, int lane) =>
        isHttp2 && lane < MostLanes && pool.MaxConcurrentStreams is { } most && client.Uses > most;

    // Config may say the same with another instance, for one that came with a push: compared by value once.
    private static bool IsAsTold(UpstreamClient client, CompiledCluster cluster)
    {
        var terms = cluster.Terms;
        if (ReferenceEquals(client.Terms, terms)) return true;
        if (client.Terms != terms) return false;
        client.Terms = terms;
        return true;
    }

    private UpstreamClient Add(Key key, UpstreamTls? tls, CompiledCluster cluster, bool toApplication)
    {
        var made = Make(key.State, tls, cluster, toApplication);
        var client = clients.GetOrAdd(key, made);
        if (ReferenceEquals(client, made)) key.State.Retired.UnsafeRegister(static s => ((Action)s!)(), () => Drop(key, made));
        return client;
    }

    private UpstreamClient Make(EndpointState state, UpstreamTls? tls, CompiledCluster cluster, bool toApplication) =>
        new(new UpstreamDialler(mutualTls, cluster.Terms, toApplication, time), state, cluster.Terms, tls);

    private void Drop(Key key, UpstreamClient client)
    {
        if (clients.TryRemove(new(key, client))) client.Retire();
    }

    private readonly record struct Key(EndpointState State, bool IsMutualTls, int Lane);
}
