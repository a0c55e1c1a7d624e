using k8s.Models;

namespace Mesh.Local.Node.Pods;

/// <summary>The states a container can be told to be in. Pure.</summary>
internal static class ContainerStates
{
    public static V1ContainerState Waiting(string reason, string? message) =>
        new() { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } };

    public static V1ContainerState Running(DateTime began) => new() { Running = new V1ContainerStateRunning { StartedAt = began } };

    public static V1ContainerState Ended(int code, string reason, string? message, string? id, DateTime? began, DateTime now) => new()
    {
        Terminated = new V1ContainerStateTerminated
        {
            ExitCode = code,
            Reason = reason,
            Message = string.IsNullOrEmpty(message) ? null : message,
            StartedAt = began,
            FinishedAt = now,
            ContainerID = id,
        },
    };

    /// <summary>A container of a pod that ended before it could run.</summary>
    public static V1ContainerState NeverRan(DateTime now) =>
        Ended(137, "ContainerStatusUnknown", "The container could not be located when the pod was terminated", null, null, now);
}
