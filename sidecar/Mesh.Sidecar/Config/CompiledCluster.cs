using Mesh.Config;
using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Config;

/// <summary>A destination ready for use: its policy, its members, its counters.</summary>
public sealed class CompiledCluster
{
    private readonly Func<EndpointPool> pool;

    /// <summary>A cluster whose pool is asked for at each use (a fixed one, or what DNS answered last).</summary>
    public CompiledCluster(Cluster config, ClusterState state, Func<EndpointPool> pool)
    {
        Config = config;
        State = state;
        Balancer = Balancer.For(config.LoadBalancing);
        this.pool = pool;
    }

    /// <summary>As told.</summary>
    public Cluster Config { get; }

    /// <summary>Name, as in the access log.</summary>
    public string Name => Config.Name;

    /// <summary>Counters, shared between snapshots.</summary>
    public ClusterState State { get; }

    /// <summary>Members; always empty where the connection's own destination is the member.</summary>
    public EndpointPool Pool => pool();

    /// <summary>How a member is chosen.</summary>
    public Balancer Balancer { get; }
}
