using System.Net.Sockets;

namespace Mesh.Local.ApiServer;

/// <summary>What the API server asks of the nodes about pods that run there: their output, their processes, their ports.</summary>
public sealed record PodStreams
{
    public required PodLogSource Logs { get; init; }

    /// <summary>Whether the container has a process now: asked before a connection is upgraded for it.</summary>
    public required Func<ContainerSessionRequest, bool> IsRunning { get; init; }

    /// <summary>Starts a command in a container, or joins its main process. An <see cref="IOException"/> says why it could not.</summary>
    public required Func<ContainerSessionRequest, CancellationToken, Task<ContainerSession>> Open { get; init; }

    /// <summary>A connection to a port of the pod's loopback. An <see cref="IOException"/> says why there is none.</summary>
    public required Func<PodPort, CancellationToken, Task<Socket>> Dial { get; init; }
}
