using k8s.Models;

namespace Mesh.Local.Node.Pods;

/// <summary>What is known of a container now: the source of its entry in the pod's status.</summary>
internal sealed record ContainerRecord
{
    public required string Name { get; init; }

    public required string Image { get; init; }

    public required ContainerRole Role { get; init; }

    public int Restarts { get; init; }

    public bool Ready { get; init; }

    public bool Started { get; init; }

    public string? Id { get; init; }

    public V1ResourceRequirements? Wanted { get; init; }

    public IReadOnlyList<V1VolumeMountStatus> Mounts { get; init; } = [];

    /// <summary>As whom it ran; null before its first run.</summary>
    public V1ContainerUser? User { get; init; }

    public V1ContainerState State { get; init; } = new() { Waiting = new V1ContainerStateWaiting { Reason = "PodInitializing" } };

    public V1ContainerState LastState { get; init; } = new();

    /// <summary>
    /// A container before its first run here. One that the pod's status knows already ran before the node itself began anew
    /// (a restart, a loss of power): it counts one restart more, and how it ended nobody saw.
    /// </summary>
    public static ContainerRecord Begin(V1Pod pod, V1Container container, ContainerRole role, DateTime now)
    {
        var record = new ContainerRecord
        {
            Name = container.Name,
            Image = container.Image ?? "",
            Role = role,
            Wanted = container.Resources,
            Mounts = [.. (container.VolumeMounts ?? []).Select(Mount)],
            State = ContainerStates.Waiting(pod.Spec.InitContainers is { Count: > 0 } ? "PodInitializing" : "ContainerCreating", null),
        };
        var known = (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []).FirstOrDefault(status => status.Name == container.Name);
        return known?.State switch
        {
            { Running: { } running } => record with { Restarts = known.RestartCount + 1, LastState = new V1ContainerState { Terminated = Lost(known, running, now) } },
            { Terminated: { } ended } => record with { Restarts = known.RestartCount + 1, LastState = new V1ContainerState { Terminated = ended } },
            _ => record with { Restarts = known?.RestartCount ?? 0, LastState = known?.LastState ?? record.LastState },
        };
    }

    public bool IsRunning => State.Running is not null;

    /// <summary>Ended and not to be started again.</summary>
    public bool IsFinished { get; init; }

    public int? ExitCode => State.Terminated?.ExitCode;

    public V1ContainerStatus ToStatus() => new()
    {
        Name = Name,
        Image = Image,
        // There are no digests of images here: the name is all there is.
        ImageID = Id is null ? "" : Image,
        ContainerID = Id,
        Ready = Ready,
        Started = Started,
        RestartCount = Restarts,
        State = State,
        LastState = LastState,
        Resources = Id is null ? null : new V1ResourceRequirements { Limits = Wanted?.Limits, Requests = Wanted?.Requests },
        AllocatedResources = Id is null || Wanted?.Requests is not { Count: > 0 } ? null : Wanted.Requests,
        VolumeMounts = Mounts.Count == 0 ? null : [.. Mounts],
        User = User,
    };

    private static V1VolumeMountStatus Mount(V1VolumeMount mount) => new()
    {
        Name = mount.Name,
        MountPath = mount.MountPath,
        ReadOnlyProperty = mount.ReadOnlyProperty == true ? true : null,
        RecursiveReadOnly = mount.ReadOnlyProperty == true ? "Disabled" : null,
    };

    /// <summary>As a container runtime tells of a container that it finds gone.</summary>
    private static V1ContainerStateTerminated Lost(V1ContainerStatus known, V1ContainerStateRunning running, DateTime now) => new()
    {
        ContainerID = known.ContainerID,
        ExitCode = 255,
        Reason = "Unknown",
        StartedAt = running.StartedAt,
        FinishedAt = now,
    };
}
