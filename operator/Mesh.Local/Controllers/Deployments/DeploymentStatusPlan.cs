using k8s.Models;

namespace Mesh.Local.Controllers.Deployments;

/// <summary>A Deployment's status from its ReplicaSets, and what it says of the rollout's progress. Pure.</summary>
internal static class DeploymentStatusPlan
{
    private const string Progressing = "Progressing";
    public const string NewSetAvailable = "NewReplicaSetAvailable";
    private const string TimedOut = "ProgressDeadlineExceeded";

    public static V1DeploymentStatus Of(DeploymentSets sets, DateTime now)
    {
        var (all, before) = (sets.All.ToList(), sets.Deployment.Status);
        var available = all.Sum(DeploymentSets.Available);
        var status = new V1DeploymentStatus
        {
            ObservedGeneration = sets.Deployment.Metadata.Generation,
            Replicas = all.Sum(set => set.Status?.Replicas ?? 0),
            UpdatedReplicas = sets.Current?.Status?.Replicas ?? 0,
            ReadyReplicas = all.Sum(set => set.Status?.ReadyReplicas ?? 0),
            AvailableReplicas = available,
            UnavailableReplicas = Math.Max(0, all.Sum(DeploymentSets.Size) - available),
            TerminatingReplicas = all.Sum(set => set.Status?.TerminatingReplicas ?? 0),
            CollisionCount = before?.CollisionCount,
            Conditions = [.. before?.Conditions ?? []],
        };
        Set(status, available >= sets.Wanted - sets.MaxUnavailable
            ? Condition("Available", true, "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
            : Condition("Available", false, "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now));
        return status;
    }

    /// <summary>The same, with how the rollout goes on.</summary>
    public static V1DeploymentStatus OfRollout(DeploymentSets sets, DateTime now)
    {
        var status = Of(sets, now);
        var known = Find(status, Progressing);
        if (!HasDeadline(sets.Deployment)) Remove(status, Progressing);
        else if (status.Replicas != status.UpdatedReplicas || known?.Reason != NewSetAvailable) Progress(sets, status, known, now);
        if (Failure(sets) is { } failure) Set(status, failure);
        else Remove(status, "ReplicaFailure");
        return status;
    }

    /// <summary>A pause is noted in the progress, and no deadline runs in it.</summary>
    public static V1DeploymentCondition? PauseCondition(V1Deployment deployment, DateTime now)
    {
        var known = deployment.Status?.Conditions?.FirstOrDefault(condition => condition.Type == Progressing);
        if (!HasDeadline(deployment) || known?.Reason == TimedOut) return null;
        var isNoted = known?.Reason == "DeploymentPaused";
        if (deployment.Spec.Paused == true && !isNoted) return Condition(Progressing, null, "DeploymentPaused", "Deployment is paused", now);
        if (deployment.Spec.Paused != true && isNoted) return Condition(Progressing, null, "DeploymentResumed", "Deployment is resumed", now);
        return null;
    }

    public static V1DeploymentCondition Created(string set, DateTime now) => Condition(Progressing, true, "NewReplicaSetCreated", $"Created new replica set \"{set}\"", now);

    public static V1DeploymentCondition Found(string set, DateTime now) => Condition(Progressing, true, "FoundNewReplicaSet", $"Found new replica set \"{set}\"", now);

    public static bool HasDeadline(V1Deployment deployment) => deployment.Spec.ProgressDeadlineSeconds is { } seconds && seconds != int.MaxValue;

    public static bool IsComplete(V1Deployment deployment, V1DeploymentStatus status) =>
        status.UpdatedReplicas == (deployment.Spec.Replicas ?? 1) && status.Replicas == status.UpdatedReplicas
        && status.AvailableReplicas == status.UpdatedReplicas && status.ObservedGeneration >= deployment.Metadata.Generation;

    /// <summary>When the deadline will have passed; null while none runs.</summary>
    public static DateTime? Deadline(V1Deployment deployment, V1DeploymentStatus status) =>
        HasDeadline(deployment) && Find(status, Progressing) is { LastUpdateTime: { } since, Reason: not (NewSetAvailable or TimedOut) }
            ? since.AddSeconds(deployment.Spec.ProgressDeadlineSeconds!.Value) : null;

    public static V1DeploymentStatus Copy(V1DeploymentStatus? status) => new()
    {
        ObservedGeneration = status?.ObservedGeneration,
        Replicas = status?.Replicas,
        UpdatedReplicas = status?.UpdatedReplicas,
        ReadyReplicas = status?.ReadyReplicas,
        AvailableReplicas = status?.AvailableReplicas,
        UnavailableReplicas = status?.UnavailableReplicas,
        TerminatingReplicas = status?.TerminatingReplicas,
        CollisionCount = status?.CollisionCount,
        Conditions = [.. status?.Conditions ?? []],
    };

    /// <summary>A condition that says nothing new keeps its words and its times.</summary>
    public static void Set(V1DeploymentStatus status, V1DeploymentCondition condition)
    {
        var known = Find(status, condition.Type);
        if (known is not null && known.Status == condition.Status && known.Reason == condition.Reason) return;
        if (known is not null && known.Status == condition.Status) condition.LastTransitionTime = known.LastTransitionTime;
        Remove(status, condition.Type);
        status.Conditions.Add(condition);
    }

    public static V1DeploymentCondition? Find(V1DeploymentStatus? status, string type) => status?.Conditions?.FirstOrDefault(condition => condition.Type == type);

    private static void Progress(DeploymentSets sets, V1DeploymentStatus status, V1DeploymentCondition? known, DateTime now)
    {
        var subject = sets.Current is null ? $"Deployment \"{sets.Deployment.Metadata.Name}\"" : $"ReplicaSet \"{sets.Current.Metadata.Name}\"";
        if (IsComplete(sets.Deployment, status)) Set(status, Condition(Progressing, true, NewSetAvailable, subject + " has successfully progressed.", now));
        else if (HasProgressed(sets.Deployment.Status, status))
        {
            var condition = Condition(Progressing, true, "ReplicaSetUpdated", subject + " is progressing.", now);
            if (known?.Status == "True") condition.LastTransitionTime = known.LastTransitionTime;
            // Each step of progress is noted anew: the deadline runs from the last one.
            Remove(status, Progressing);
            Set(status, condition);
        }
        else if (known is not null && known.Reason != NewSetAvailable && (known.Reason == TimedOut || Deadline(sets.Deployment, status) < now))
            Set(status, Condition(Progressing, false, TimedOut, subject + " has timed out progressing.", now));
    }

    private static bool HasProgressed(V1DeploymentStatus? before, V1DeploymentStatus now)
    {
        var (oldBefore, oldNow) = ((before?.Replicas ?? 0) - (before?.UpdatedReplicas ?? 0), now.Replicas - now.UpdatedReplicas);
        return now.UpdatedReplicas > (before?.UpdatedReplicas ?? 0) || oldNow < oldBefore
            || now.ReadyReplicas > (before?.ReadyReplicas ?? 0) || now.AvailableReplicas > (before?.AvailableReplicas ?? 0);
    }

    /// <summary>Pods that could not be made: the current set's word on it, or an old one's.</summary>
    private static V1DeploymentCondition? Failure(DeploymentSets sets)
    {
        var said = ((V1ReplicaSet?[])[sets.Current, .. sets.Old])
            .Select(set => set?.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "ReplicaFailure" && condition.Status == "True"))
            .FirstOrDefault(condition => condition is not null);
        return said is null ? null : new V1DeploymentCondition
        {
            Type = said.Type, Status = said.Status, Reason = said.Reason, Message = said.Message,
            LastTransitionTime = said.LastTransitionTime, LastUpdateTime = said.LastTransitionTime,
        };
    }

    private static void Remove(V1DeploymentStatus status, string type) => status.Conditions = [.. status.Conditions.Where(condition => condition.Type != type)];

    private static V1DeploymentCondition Condition(string type, bool? holds, string reason, string message, DateTime now) => new()
    {
        Type = type,
        Status = holds switch { true => "True", false => "False", null => "Unknown" },
        Reason = reason,
        Message = message,
        LastUpdateTime = now,
        LastTransitionTime = now,
    };
}
