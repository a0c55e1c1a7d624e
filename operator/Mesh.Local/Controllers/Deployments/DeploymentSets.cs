using System.Collections.Immutable;
using k8s.Models;

namespace Mesh.Local.Controllers.Deployments;

/// <summary>
/// A Deployment and its ReplicaSets: the one of the present template, if there is one, and those of earlier templates. What a
/// rollout does is decided from this, by pure functions (<see cref="RollingUpdate"/>, <see cref="ProportionalScale"/>,
/// <see cref="DeploymentStatusPlan"/>); what never happens here is a look at a pod.
/// </summary>
internal sealed record DeploymentSets(V1Deployment Deployment, V1ReplicaSet? Current, ImmutableArray<V1ReplicaSet> Old)
{
    public IEnumerable<V1ReplicaSet> All => Current is null ? Old : Old.Append(Current);

    public int Wanted => Deployment.Spec.Replicas ?? 1;

    public bool IsRolling => Deployment.Spec.Strategy?.Type != "Recreate";

    public int MaxSurge => Fenceposts().Surge;

    /// <summary>How many of the wanted pods may be missing at any moment.</summary>
    public int MaxUnavailable => Math.Min(Fenceposts().Unavailable, Wanted);

    /// <summary>Of several sets of the present template the oldest is the current one.</summary>
    public static DeploymentSets Of(V1Deployment deployment, IEnumerable<V1ReplicaSet> sets)
    {
        var all = sets.OrderBy(set => set.Metadata.CreationTimestamp).ThenBy(set => set.Metadata.Name, StringComparer.Ordinal).ToList();
        var hash = PodTemplates.Hash(deployment.Spec.Template);
        var current = all.FirstOrDefault(set => PodTemplates.Hash(set.Spec.Template) == hash);
        return new DeploymentSets(deployment, current, [.. all.Where(set => set != current)]);
    }

    public static int Size(V1ReplicaSet set) => set.Spec.Replicas ?? 0;

    public static int Available(V1ReplicaSet set) => set.Status?.AvailableReplicas ?? 0;

    private (int Surge, int Unavailable) Fenceposts()
    {
        if (!IsRolling) return (0, 0);
        var rolling = Deployment.Spec.Strategy?.RollingUpdate;
        var surge = PodTemplates.Share(rolling?.MaxSurge, Wanted, roundUp: true, "25%");
        var unavailable = PodTemplates.Share(rolling?.MaxUnavailable, Wanted, roundUp: false, "25%");
        // Percentages of few pods may both be none, and then nothing could ever move.
        return surge == 0 && unavailable == 0 ? (0, 1) : (surge, unavailable);
    }
}
