using k8s.Models;

namespace Mesh.Local.Node.Pods;

/// <summary>A pod's status from what its containers are. Pure; times of conditions move only when their value does.</summary>
internal static class PodStatusPlan
{
    private const string Scheduled = "PodScheduled";

    /// <summary>The conditions a kubelet keeps, in its order; others, which readiness gates ask for, are their writers' own.</summary>
    public static readonly string[] Own = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", Scheduled];

    public static V1PodStatus Build(V1Pod pod, PodFacts facts, IReadOnlyList<ContainerRecord> containers, DateTime now)
    {
        var inits = containers.Where(c => c.Role != ContainerRole.Main).ToList();
        var mains = containers.Where(c => c.Role == ContainerRole.Main).ToList();
        var phase = PodPhase.Of(pod, facts, inits, mains);
        return new V1PodStatus
        {
            ObservedGeneration = pod.Metadata.Generation,
            Phase = phase,
            Reason = facts.Reason,
            Message = facts.Message,
            HostIP = facts.HostIP,
            HostIPs = [new V1HostIP { Ip = facts.HostIP }],
            PodIP = facts.PodIPs.FirstOrDefault(),
            PodIPs = facts.PodIPs.IsEmpty ? null : [.. facts.PodIPs.Select(ip => new V1PodIP { Ip = ip })],
            StartTime = facts.StartTime,
            QosClass = pod.Status?.QosClass ?? "BestEffort",
            Conditions = [.. Conditions(pod, facts, inits, mains, phase, now)],
            InitContainerStatuses = inits.Count == 0 ? null : [.. inits.Select(c => c.ToStatus())],
            ContainerStatuses = [.. mains.Select(c => c.ToStatus())],
            Resources = new V1ResourceRequirements(),
        };
    }

    private static IEnumerable<V1PodCondition> Conditions(V1Pod pod, PodFacts facts, List<ContainerRecord> inits, List<ContainerRecord> mains, string phase, DateTime now)
    {
        var waiting = inits.Where(c => !PodPhase.IsInitialized(c)).Select(c => c.Name).ToList();
        var initialized = waiting.Count == 0 || PodPhase.MainsBegan(mains);
        var unready = inits.Concat(mains).Where(c => c.Role != ContainerRole.Init && !c.Ready).Select(c => c.Name).ToList();
        var ended = phase is "Succeeded" or "Failed";
        var ready = unready.Count == 0 && phase == "Running" && initialized;
        var (why, what) = phase switch
        {
            "Succeeded" => ("PodCompleted", null),
            "Failed" => ("PodFailed", null),
            _ => ("ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]"),
        };
        var gate = Gate(pod);
        yield return Condition(pod, facts, Own[0], facts.IsPrepared && !ended, null, null, now);
        yield return Condition(pod, facts, Own[1], initialized, initialized ? phase == "Succeeded" ? "PodCompleted" : null : "ContainersNotInitialized",
            initialized ? null : $"containers with incomplete status: [{string.Join(' ', waiting)}]", now);
        yield return Condition(pod, facts, Own[2], ready && gate is null, ready ? gate is null ? null : "ReadinessGatesNotReady" : why, ready ? gate : what, now);
        yield return Condition(pod, facts, Own[3], ready, ready ? null : why, ready ? null : what, now);
        var scheduled = pod.Status?.Conditions?.FirstOrDefault(c => c.Type == Scheduled);
        if (scheduled?.LastTransitionTime is { } since) facts.Conditions.TryAdd(Scheduled, ("True", since));
        yield return Condition(pod, facts, Scheduled, true, null, null, now);
    }

    /// <summary>What a readiness gate still waits for, or null.</summary>
    private static string? Gate(V1Pod pod)
    {
        var missing = (pod.Spec.ReadinessGates ?? [])
            .Select(g => (g.ConditionType, pod.Status?.Conditions?.FirstOrDefault(c => c.Type == g.ConditionType)?.Status))
            .Where(g => g.Status != "True")
            .Select(g => g.Status is null
                ? $"corresponding condition of pod readiness gate \"{g.ConditionType}\" does not exist."
                : $"the status of pod readiness gate \"{g.ConditionType}\" is not \"True\", but {g.Status}")
            .ToList();
        return missing.Count == 0 ? null : string.Join(", ", missing);
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
            Reason = reason,
            Message = message,
            LastTransitionTime = since,
            ObservedGeneration = pod.Metadata.Generation,
        };
    }
}
