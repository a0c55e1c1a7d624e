using System.Collections.Concurrent;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Forwarding;

/// <summary>One <see cref="UpstreamClient"/> for each member of each cluster, made when first needed.</summary>
public sealed class UpstreamClients(TimeProvider time)
{
    private readonly ConcurrentDictionary<EndpointState, UpstreamClient> clients = new();

    /// <summary>How many members have connections, or had.</summary>
    public int Count => clients.Count;

    /// <summary>The client for this member, in use until released.</summary>
    public UpstreamClient Use(CompiledEndpoint endpoint, CompiledCluster cluster, bool toApplication)
    {
        while (!endpoint.State.Retired.IsCancellationRequested)
        {
            var client = clients.TryGetValue(endpoint.State, out var known) ? known : Add(endpoint.State, cluster, toApplication);
            if (client.TryUse()) return client;
        }

        // Only a snapshot that is no longer in force names the member: a client for this one use.
        var last = new UpstreamClient(endpoint.State, cluster.Config.ConnectTimeout, toApplication, time);
        last.TryUse();
        last.Retire();
        return last;
    }

    private UpstreamClient Add(EndpointState state, CompiledCluster cluster, bool toApplication)
    {
        var made = new UpstreamClient(state, cluster.Config.ConnectTimeout, toApplication, time);
        var client = clients.GetOrAdd(state, made);
        if (ReferenceEquals(client, made)) state.Retired.UnsafeRegister(static s => ((Action)s!)(), () => Drop(state, made));
        return client;
    }

    private void Drop(EndpointState state, UpstreamClient client)
    {
        if (clients.TryRemove(new(state, client))) client.Retire();
    }
}
