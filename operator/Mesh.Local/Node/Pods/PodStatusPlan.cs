using k8s.Models;

namespace Mesh.Local.Node.Pods;

/// <summary>A pod's status from what its containers are. Pure; times of conditions move only when their value does.</summary>
internal static class PodStatusPlan
{
    private static readonly string[] Own = ["PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"];

    public static V1PodStatus Build(V1Pod pod, PodFacts facts, IReadOnlyList<ContainerRecord> containers, DateTime now)
    {
        var inits = containers.Where(c => c.Role != ContainerRole.Main).ToList();
        var mains = containers.Where(c => c.Role == ContainerRole.Main).ToList();
        var initialized = inits.All(c => c.Role == ContainerRole.Init ? c.ExitCode == 0 && c.IsFinished : c.Started || c.IsFinished);
        var phase = Phase(pod, facts, inits, mains, initialized);
        var unready = containers.Where(c => c.Role != ContainerRole.Init && !c.Ready).Select(c => c.Name).ToList();
        var containersReady = unready.Count == 0 && phase == "Running" && initialized;
        var gates = (pod.Spec.ReadinessGates ?? []).All(g => pod.Status?.Conditions?.Any(c => c.Type == g.ConditionType && c.Status == "True") == true);
        var why = phase == "Succeeded" ? "PodCompleted" : "ContainersNotReady";
        var what = unready.Count == 0 ? null : $"containers with unready status: [{string.Join(' ', unready)}]";
        var waiting = inits.Where(c => !(c.Role == ContainerRole.Init ? c.ExitCode == 0 && c.IsFinished : c.Started)).Select(c => c.Name).ToList();
        return new V1PodStatus
        {
            Phase = phase,
            Reason = facts.Reason,
            Message = facts.Message,
            HostIP = facts.HostIP,
            HostIPs = [new V1HostIP { Ip = facts.HostIP }],
            PodIP = facts.PodIPs.FirstOrDefault(),
            PodIPs = facts.PodIPs.IsEmpty ? null : [.. facts.PodIPs.Select(ip => new V1PodIP { Ip = ip })],
            StartTime = facts.StartTime,
            QosClass = pod.Status?.QosClass ?? "BestEffort",
            Conditions =
            [
                .. (pod.Status?.Conditions ?? []).Where(c => !Own.Contains(c.Type)),
                Condition(pod, facts, "PodReadyToStartContainers", !facts.PodIPs.IsEmpty, null, null, now),
                Condition(pod, facts, "Initialized", initialized, "ContainersNotInitialized", waiting.Count == 0 ? null : $"containers with incomplete status: [{string.Join(' ', waiting)}]", now),
                Condition(pod, facts, "ContainersReady", containersReady, why, what, now),
                Condition(pod, facts, "Ready", containersReady && gates, containersReady ? "ReadinessGatesNotReady" : why, what, now),
            ],
            InitContainerStatuses = inits.Count == 0 ? null : [.. inits.Select(c => c.ToStatus())],
            ContainerStatuses = [.. mains.Select(c => c.ToStatus())],
        };
    }

    private static string Phase(V1Pod pod, PodFacts facts, List<ContainerRecord> inits, List<ContainerRecord> mains, bool initialized)
    {
        if (facts.Reason is not null) return "Failed";
        if (inits.Any(c => c.Role == ContainerRole.Init && c.IsFinished && c.ExitCode != 0)) return "Failed";
        if (!initialized && !mains.Any(c => c.IsRunning || c.Restarts > 0 || c.IsFinished)) return "Pending";
        if (mains.All(c => c.IsFinished))
            return mains.All(c => c.ExitCode == 0) ? "Succeeded" : "Failed";
        return mains.All(c => c.State.Waiting is not null && c.LastState.Terminated is null) ? "Pending" : "Running";
    }

    private static V1PodCondition Condition(V1Pod pod, PodFacts facts, string type, bool holds, string? reason, string? message, DateTime now)
    {
        var status = holds ? "True" : "False";
        var before = facts.Conditions.GetValueOrDefault(type);
        var since = before.Status == status ? before.Since : now;
        facts.Conditions[type] = (status, since);
        return new V1PodCondition
        {
            Type = type,
            Status = status,
            Reason = holds ? null : reason,
            Message = holds ? null : message,
            LastTransitionTime = since,
            ObservedGeneration = pod.Metadata.Generation,
        };
    }
}
