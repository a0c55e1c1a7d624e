using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>The members of a cluster that are given traffic at this moment: one pool, or several with a share of the traffic each.</summary>
public sealed class BalancedPool
{
    // Envoy's overprovisioning factor: a priority keeps all of its traffic until fewer than 1/1.4 of its members are well.
    private const double Overprovisioning = 1.4;

    private readonly EndpointPool source;
    private readonly int version;
    private readonly ImmutableArray<PoolShare> shares;

    private BalancedPool(EndpointPool source, int version, ImmutableArray<PoolShare> shares, bool isPanic)
    {
        (this.source, this.version, this.shares, IsPanic) = (source, version, shares, isPanic);
    }

    /// <summary>So few members are well that all are used.</summary>
    public bool IsPanic { get; }

    /// <summary>Nobody can be given traffic.</summary>
    public bool IsEmpty => shares.IsEmpty;

    /// <summary>Pools with their shares, nearest first; for people.</summary>
    public ImmutableArray<PoolShare> Shares => shares;

    /// <summary>Arranges the members of a cluster by their health and by the proxy's own place.</summary>
    internal static BalancedPool Arrange(CompiledCluster cluster, EndpointPool pool, int version)
    {
        var members = pool.Members;
        var healthy = members.Count(static member => !member.State.Health.IsOut);
        var isPanic = healthy < members.Length && cluster.Config.Outliers is { } outliers && healthy * 100L < LeastHealthy(cluster, outliers) * members.Length;
        Func<CompiledEndpoint, bool> isUsed = isPanic ? static _ => true : static member => !member.State.Health.IsOut;
        var groups = isPanic ? [new(members, 1)] : LocalityGroups.Of(cluster, members);
        var shares = ImmutableArray.CreateBuilder<PoolShare>();
        var upTo = 0.0;
        foreach (var (group, share) in groups.IsDefault ? ByPriority(LocalityGroups.ByDistance(cluster, members), isUsed) : ByWeight(groups, isUsed))
        {
            if (share <= 0) continue;
            upTo += share;
            shares.Add(new PoolShare(Tabled(cluster, UsedOf(pool, group, isUsed), members), upTo));
        }

        return new BalancedPool(pool, version, shares.ToImmutable(), isPanic);
    }

    /// <summary>Whether it is still what this pool and this state of health come to.</summary>
    internal bool IsOf(EndpointPool pool, int healthVersion) => ReferenceEquals(source, pool) && version == healthVersion;

    /// <summary>The pool a request is given to; there is one unless <see cref="IsEmpty"/>.</summary>
    internal EndpointPool Choose(Random random, ulong? hash)
    {
        if (shares.Length == 1) return shares[0].Pool;
        var ticket = (hash is { } key ? KeyHash.ShareOf(KeyHash.Mix(key)) : random.NextDouble()) * shares[^1].UpTo;
        foreach (var share in shares)
        {
            if (ticket < share.UpTo) return share.Pool;
        }

        return shares[^1].Pool;
    }

    // That the last member is never ejected is kept for the whole of a cluster; of a host that was asked for it is kept here.
    private static long LeastHealthy(CompiledCluster cluster, OutlierDetection outliers) =>
        cluster.Config.Discovery == Discovery.DynamicDns ? Math.Max(1, outliers.MinHealthPercent) : outliers.MinHealthPercent;

    private static EndpointPool UsedOf(EndpointPool whole, ImmutableArray<CompiledEndpoint> group, Func<CompiledEndpoint, bool> isUsed)
    {
        // The very pool while nothing is wrong: balancers keep their place in it.
        if (group == whole.Members && group.All(isUsed)) return whole;
        return new EndpointPool([.. group.Where(isUsed)]);
    }

    private static EndpointPool Tabled(CompiledCluster cluster, EndpointPool pool, ImmutableArray<CompiledEndpoint> whole) =>
        cluster.Config.ConsistentHash is { } hash && !pool.Members.IsEmpty ? new EndpointPool(pool.Members) { Table = KeyTable.Of(hash, pool.Members, whole) } : pool;

    // A nearer group takes what it can bear, the next one what is left. When all together cannot bear it, each takes its part.
    private static IEnumerable<(ImmutableArray<CompiledEndpoint> Group, double Share)> ByPriority(
        IReadOnlyList<ImmutableArray<CompiledEndpoint>> groups, Func<CompiledEndpoint, bool> isUsed)
    {
        var bearable = groups.Select(group => Bearable(group, isUsed)).ToArray();
        var scale = Math.Min(1, bearable.Sum());
        var left = 1.0;
        for (var i = 0; i < groups.Count && scale > 0; i++)
        {
            var share = Math.Min(left, bearable[i] / scale);
            left -= share;
            yield return (groups[i], share < 1e-9 ? 0 : share);
        }
    }

    private static IEnumerable<(ImmutableArray<CompiledEndpoint> Group, double Share)> ByWeight(
        ImmutableArray<(ImmutableArray<CompiledEndpoint> Members, double Weight)> groups, Func<CompiledEndpoint, bool> isUsed) =>
        groups.Select(group => (group.Members, group.Weight * Bearable(group.Members, isUsed)));

    private static double Bearable(ImmutableArray<CompiledEndpoint> group, Func<CompiledEndpoint, bool> isUsed) =>
        group.IsEmpty ? 0 : Math.Min(1, Overprovisioning * group.Count(isUsed) / group.Length);
}
