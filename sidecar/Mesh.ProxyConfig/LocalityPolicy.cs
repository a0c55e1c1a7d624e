using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>
/// Which localities are preferred. The proxy knows its own (<see cref="WorkloadConfig"/>), so one policy serves all. Without
/// <see cref="Distribute"/> for the own locality, the nearest members take all the traffic as long as enough of them are
/// healthy, then the next nearest.
/// </summary>
public sealed record LocalityPolicy
{
    /// <summary>Shares by locality; the first whose <see cref="LocalityShares.From"/> is the own locality holds.</summary>
    public ImmutableArray<LocalityShares> Distribute { get; init; } = [];

    /// <summary>Where to when a region has too few healthy members; other regions come after.</summary>
    public ImmutableArray<RegionFailover> Failover { get; init; } = [];

    /// <summary>
    /// Labels whose equality makes a member nearer, the weightiest first, as <c>KEY</c> (equal to the own label) or
    /// <c>KEY=VALUE</c>. A member's priority is how many of them, from the first on without a gap, it has.
    /// </summary>
    public ImmutableArray<string> FailoverPriority { get; init; } = [];

    /// <summary>Nearer members are preferred at all (Istio does so only with outlier detection). Default true.</summary>
    public bool Prefer { get; init; } = true;
}
