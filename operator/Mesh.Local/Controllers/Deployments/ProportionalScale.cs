using k8s.Models;

namespace Mesh.Local.Controllers.Deployments;

/// <summary>
/// What a Deployment's sets are to have after its size changed while no rollout may go on, or in the middle of one: then
/// each gets its share of the change, so that the old and the new keep their proportion. Pure.
/// </summary>
internal static class ProportionalScale
{
    public static IEnumerable<(V1ReplicaSet Set, int Size)> Sizes(DeploymentSets sets)
    {
        var active = sets.All.Where(set => DeploymentSets.Size(set) > 0).ToList();
        var only = active.Count switch
        {
            0 => sets.Current ?? sets.Old.LastOrDefault(),
            1 => active[0],
            _ => null,
        };
        if (only is not null) return DeploymentSets.Size(only) == sets.Wanted ? [] : [(only, sets.Wanted)];
        if (active.Count == 0) return [];
        if (IsSaturated(sets)) return active.Where(set => set != sets.Current).Select(set => (set, 0));
        return sets.IsRolling ? Shares(sets, active) : [];
    }

    /// <summary>The rollout is through, only old sets have not been told yet.</summary>
    private static bool IsSaturated(DeploymentSets sets) =>
        sets.Current is { } current && DeploymentSets.Size(current) == sets.Wanted
        && RevisionAnnotations.Desired(current) == sets.Wanted && DeploymentSets.Available(current) == sets.Wanted;

    private static List<(V1ReplicaSet Set, int Size)> Shares(DeploymentSets sets, List<V1ReplicaSet> active)
    {
        var most = sets.Wanted > 0 ? sets.Wanted + sets.MaxSurge : 0;
        var change = most - active.Sum(DeploymentSets.Size);
        // The largest first; of equals the newer when growing, the older when shrinking.
        var ordered = active.OrderByDescending(DeploymentSets.Size);
        var inOrder = (change > 0 ? ordered.ThenByDescending(set => set.Metadata.CreationTimestamp) : ordered.ThenBy(set => set.Metadata.CreationTimestamp)).ToList();
        var given = 0;
        var sizes = new List<(V1ReplicaSet Set, int Size)>();
        foreach (var set in inOrder)
        {
            var share = change == 0 ? 0 : Share(sets, set, most, change - given);
            given += share;
            sizes.Add((set, DeploymentSets.Size(set) + share));
        }

        // What rounding left over goes to the first.
        if (sizes.Count > 0) sizes[0] = (sizes[0].Set, Math.Max(0, sizes[0].Size + change - given));
        return sizes;
    }

    private static int Share(DeploymentSets sets, V1ReplicaSet set, int most, int left)
    {
        if (sets.Wanted == 0) return -DeploymentSets.Size(set);
        var before = RevisionAnnotations.Most(set) ?? sets.Deployment.Status?.Replicas ?? most;
        if (before == 0) return 0;
        var size = (int)Math.Round((double)DeploymentSets.Size(set) * most / before, MidpointRounding.AwayFromZero);
        var share = size - DeploymentSets.Size(set);
        return left > 0 ? Math.Min(share, left) : Math.Max(share, left);
    }
}
