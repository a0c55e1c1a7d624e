using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>Chooses the member a try (or a TCP connection) is sent to; <c>null</c> when nobody can be given it (UH).</summary>
public sealed class EndpointPicker(Random random, TimeProvider time)
{
    // As Envoy's host selection attempts: ask the algorithm again before looking for an untried member by hand.
    private const int Draws = 5;

    // So often a member that warms up may be passed over; where all do, one is taken all the same.
    private const int WarmupDraws = 10;

    private static readonly TriedEndpoints None = new();

    // Keeps nothing of a pool that is there for one try.
    private static readonly Balancer OfAnyPool = Balancer.For(LoadBalancing.LeastRequest);

    /// <summary>With the clock of the system.</summary>
    public EndpointPicker(Random random)
        : this(random, TimeProvider.System)
    {
    }

    /// <summary>A member for a connection.</summary>
    public CompiledEndpoint? Pick(CompiledCluster cluster, IPEndPoint? originalDestination) =>
        Pick(cluster, originalDestination, None);

    /// <summary>A member for a try; one that was not tried before, if there is any.</summary>
    /// <param name="cluster">Where to.</param>
    /// <param name="originalDestination">Where the connection wanted to go.</param>
    /// <param name="tried">Members of earlier tries. A key outweighs them: it belongs to one member.</param>
    /// <param name="hash">Hash of the request's key (<see cref="KeyHash"/>); <c>null</c> without.</param>
    public CompiledEndpoint? Pick(CompiledCluster cluster, IPEndPoint? originalDestination, TriedEndpoints tried, ulong? hash = null)
    {
        if (cluster.Config.Discovery == Discovery.OriginalDestination)
            return originalDestination is null ? null : cluster.MemberAt(originalDestination);

        var balanced = cluster.Balanced;
        if (balanced.IsEmpty) return null;
        var pool = balanced.Choose(random, hash);
        if (hash is { } key) return cluster.Balancer.Pick(pool, random, key);
        var member = Draw(cluster, pool);
        return tried.Count == 0 || !tried.Contains(member) ? member : Another(cluster, balanced, tried, member);
    }

    /// <summary>A member for a further try that is in another place than those of earlier tries; <c>null</c> where there is none.</summary>
    public CompiledEndpoint? PickElsewhere(CompiledCluster cluster, TriedEndpoints tried)
    {
        if (tried.Count == 0 || cluster.Config.Discovery == Discovery.OriginalDestination) return null;
        var members = LocalityGroups.Elsewhere(cluster, tried);
        return members.IsEmpty ? null : OfAnyPool.Pick(new EndpointPool(members), random);
    }

    private CompiledEndpoint Draw(CompiledCluster cluster, EndpointPool pool)
    {
        var member = cluster.Balancer.Pick(pool, random);
        if (cluster.Config.Warmup is not { } warmup) return member;
        // Passing a cold member over as often as its share is small gives it just that share, whatever the algorithm.
        for (var draw = 1; draw < WarmupDraws && !TakesNow(member, warmup); draw++) member = cluster.Balancer.Pick(pool, random);
        return member;
    }

    private bool TakesNow(CompiledEndpoint member, Warmup warmup)
    {
        var age = time.GetElapsedTime(member.State.MetAt);
        if (age >= warmup.Duration) return true;
        var share = Math.Max(warmup.MinimumPercent / 100, Math.Pow(Math.Max(age / warmup.Duration, 0), 1 / warmup.Aggression));
        return random.NextDouble() < share;
    }

    private CompiledEndpoint Another(CompiledCluster cluster, BalancedPool balanced, TriedEndpoints tried, CompiledEndpoint fallback)
    {
        var pool = balanced.Shares[0].Pool;
        for (var draw = 1; draw < Draws; draw++)
        {
            pool = balanced.Choose(random, null);
            var member = Draw(cluster, pool);
            if (!tried.Contains(member)) return member;
        }

        foreach (var share in balanced.Shares)
        {
            var members = share.Pool.Members;
            var start = random.Next(members.Length);
            for (var i = 0; i < members.Length; i++)
            {
                var member = members[(start + i) % members.Length];
                if (!tried.Contains(member)) return member;
            }
        }

        return fallback;
    }
}
