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

    public V1ContainerState State { get; init; } = new() { Waiting = new V1ContainerStateWaiting { Reason = "PodInitializing" } };

    public V1ContainerState LastState { get; init; } = new();

    public bool IsRunning => State.Running is not null;

    /// <summary>Ended and not to be started again.</summary>
    public bool IsFinished { get; init; }

    public int? ExitCode => State.Terminated?.ExitCode;

    public V1ContainerStatus ToStatus() => new()
    {
        Name = Name,
        Image = Image,
        ImageID = Image,
        ContainerID = Id,
        Ready = Ready,
        Started = Started,
        RestartCount = Restarts,
        State = State,
        LastState = LastState,
    };
}
