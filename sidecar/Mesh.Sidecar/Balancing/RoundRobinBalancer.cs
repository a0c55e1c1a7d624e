using System.Runtime.CompilerServices;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>
/// In turn. With unequal weights smoothly: a member of weight 3 among 1 and 1 comes as a b a c a, not as a a a b c.
/// </summary>
public sealed class RoundRobinBalancer : Balancer
{
    // Credits of the pool dealt last; a new pool starts a new round.
    private readonly Lock dealing = new();
    private EndpointPool? dealt;
    private long[] credits = [];
    private uint next;
    private bool started;

    /// <inheritdoc/>
    public override CompiledEndpoint Pick(EndpointPool pool, Random random)
    {
        if (!pool.EqualWeights) return Deal(pool);
        if (!started) Start(random);
        return pool.Members[(int)(Interlocked.Increment(ref next) % (uint)pool.Members.Length)];
    }

    // Every sidecar starts at a place of its own, else all of them send their first request to the first member.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Start(Random random)
    {
        lock (dealing)
        {
            if (!started) next = (uint)random.Next();
            started = true;
        }
    }

    private CompiledEndpoint Deal(EndpointPool pool)
    {
        lock (dealing)
        {
            if (!ReferenceEquals(dealt, pool))
            {
                dealt = pool;
                credits = new long[pool.Members.Length];
            }

            var best = 0;
            for (var i = 0; i < credits.Length; i++)
            {
                credits[i] += pool.Members[i].Weight;
                if (credits[i] > credits[best]) best = i;
            }

            credits[best] -= pool.TotalWeight;
            return pool.Members[best];
        }
    }
}
