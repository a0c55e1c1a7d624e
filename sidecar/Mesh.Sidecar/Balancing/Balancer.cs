using Mesh.Config;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

// How a member of a pool is chosen. A pool enters, a member leaves; health, subsets and retries are the picker's business.
// Choosing allocates nothing and takes no lock but where unequal weights are dealt in turn.

/// <summary>A balancing algorithm of one cluster.</summary>
public abstract class Balancer
{
    /// <summary>The algorithm that config names.</summary>
    public static Balancer For(LoadBalancing algorithm) => algorithm switch
    {
        LoadBalancing.LeastRequest => new LeastRequestBalancer(),
        LoadBalancing.RoundRobin => new RoundRobinBalancer(),
        LoadBalancing.Random => new RandomBalancer(),
        LoadBalancing.ConsistentHash => new ConsistentHashBalancer(),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "not a balancing algorithm"),
    };

    /// <summary>A member of a pool that has at least one.</summary>
    public abstract CompiledEndpoint Pick(EndpointPool pool, Random random);

    /// <summary>The member of a key, where the algorithm knows keys; else as without one.</summary>
    public virtual CompiledEndpoint Pick(EndpointPool pool, Random random, ulong hash) => Pick(pool, random);
}
