using k8s.Models;

namespace Mesh.Local.Controllers.Deployments;

/// <summary>How far each ReplicaSet may go in the next step of a rolling update. Pure.</summary>
internal static class RollingUpdate
{
    /// <summary>What the current set is to have: all it lacks, as far as maxSurge leaves room beside the old ones.</summary>
    public static int CurrentSize(DeploymentSets sets, int now, int everywhere)
    {
        if (!sets.IsRolling) return sets.Wanted;
        if (now >= sets.Wanted) return sets.Wanted;
        var room = sets.Wanted + sets.MaxSurge - everywhere;
        return room <= 0 ? now : now + Math.Min(room, sets.Wanted - now);
    }

    /// <summary>
    /// What old sets are to have: pods that are not available go first, of the others only as many as may be missing. What the
    /// current set still lacks in available pods counts as missing already.
    /// </summary>
    public static IEnumerable<(V1ReplicaSet Set, int Size)> OldSizes(DeploymentSets sets)
    {
        var old = sets.Old.Where(set => DeploymentSets.Size(set) > 0).ToList();
        var least = sets.Wanted - sets.MaxUnavailable;
        var lacking = sets.Current is { } current ? DeploymentSets.Size(current) - DeploymentSets.Available(current) : 0;
        var most = sets.All.Sum(DeploymentSets.Size) - least - lacking;
        if (old.Count == 0 || most <= 0) return [];
        var sizes = old.ToDictionary(set => set, DeploymentSets.Size);
        var gone = 0;
        foreach (var set in old)
        {
            var less = Math.Max(0, Math.Min(most - gone, sizes[set] - DeploymentSets.Available(set)));
            sizes[set] -= less;
            gone += less;
        }

        var spare = sets.All.Sum(DeploymentSets.Available) - least;
        foreach (var set in old)
        {
            var less = Math.Max(0, Math.Min(spare, sizes[set]));
            sizes[set] -= less;
            spare -= less;
        }

        return old.Where(set => sizes[set] != DeploymentSets.Size(set)).Select(set => (set, sizes[set]));
    }
}
