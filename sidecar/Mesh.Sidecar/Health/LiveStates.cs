using System.Net;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Health;

/// <summary>Every live state, by what it belongs to: the memory that outlives snapshots. Used under the loader's lock only.</summary>
public sealed class LiveStates(TimeProvider time)
{
    private readonly Dictionary<string, ClusterState> clusters = [];
    private readonly Dictionary<(string Cluster, EndPoint Address), EndpointState> endpoints = [];

    public LiveStates()
        : this(TimeProvider.System)
    {
    }

    /// <summary>Raised for each member that is left out or comes back.</summary>
    public event Action<EndpointState>? HealthChanged;

    /// <summary>The state of this cluster; a new one when it is met for the first time.</summary>
    public ClusterState ClusterOf(string name)
    {
        if (!clusters.TryGetValue(name, out var state)) clusters[name] = state = new ClusterState(name, member => HealthChanged?.Invoke(member));
        return state;
    }

    /// <summary>The state of this member; a new one when it is met for the first time.</summary>
    public EndpointState EndpointOf(string cluster, EndPoint address)
    {
        if (!endpoints.TryGetValue((cluster, address), out var state)) endpoints[(cluster, address)] = state = new EndpointState(cluster, address) { MetAt = time.GetTimestamp() };
        return state;
    }

    /// <summary>What this snapshot says of outlier detection holds from now on, and of members that nobody asked about their health yet.</summary>
    public void Obey(ProxySnapshot snapshot)
    {
        foreach (var cluster in snapshot.Clusters)
        {
            cluster.State.Ejections.Obey(cluster.Config.Outliers, cluster.PoolSource, time);
            if (cluster.Config.HealthCheck is not { InitiallyHealthy: false }) continue;
            foreach (var member in cluster.Pool.Members)
            {
                var health = member.State.Health;
                if (health.CheckedSince != default) continue;
                health.Checked = "was not asked yet";
                health.CheckedSince = time.GetUtcNow();
                if (health.SetUnhealthy(true)) cluster.State.ChangeHealth(member.State);
            }
        }
    }

    /// <summary>Forgets what is not among these any longer, and tells those who keep connections to it.</summary>
    public void KeepOnly(IReadOnlySet<ClusterState> liveClusters, IReadOnlySet<EndpointState> liveEndpoints)
    {
        foreach (var (key, state) in endpoints)
        {
            if (!liveEndpoints.Contains(state) && endpoints.Remove(key)) state.Retire();
        }

        foreach (var (name, state) in clusters)
        {
            if (liveClusters.Contains(state) || !clusters.Remove(name)) continue;
            state.OriginalDestinations.Retire();
            state.Ejections.Stop();
        }
    }
}
