using k8s.Models;

namespace Mesh.Local.Node.Pods;

/// <summary>The one word for all of a pod's containers, as a kubelet finds it. Pure.</summary>
internal static class PodPhase
{
    public static string Of(V1Pod pod, PodFacts facts, List<ContainerRecord> inits, List<ContainerRecord> mains)
    {
        if (facts.Reason is not null) return "Failed";
        if (inits.Any(c => c.Role == ContainerRole.Init && c.IsFinished && c.ExitCode != 0)) return "Failed";
        if (mains.All(c => c.IsFinished)) return mains.All(c => c.ExitCode == 0) ? "Succeeded" : "Failed";
        if (!inits.All(IsInitialized) && !MainsBegan(mains)) return "Pending";
        // One that never ran keeps the pod pending; one that waits for its next run does not.
        return mains.Any(c => c.State.Waiting is not null && c.LastState.Terminated is null) ? "Pending" : "Running";
    }

    /// <summary>An init container has succeeded; a sidecar has started.</summary>
    public static bool IsInitialized(ContainerRecord container) =>
        container.Role == ContainerRole.Init ? container.ExitCode == 0 && container.IsFinished : container.Started || container.IsFinished;

    /// <summary>Once an application ran, the pod is initialized for good, whatever its sidecars do since.</summary>
    public static bool MainsBegan(List<ContainerRecord> mains) => mains.Any(c => c.Id is not null);
}
