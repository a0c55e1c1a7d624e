using System.IO.Pipelines;

namespace Mesh.Local.ApiServer;

/// <summary>
/// A process reached on its node. Its streams are absent where nobody asked for them; disposing ends what the session
/// started (a command is killed, a main process is left alone).
/// </summary>
public sealed class ContainerSession(Func<ValueTask> end) : IAsyncDisposable
{
    /// <summary>Completing it is the end of the process's input.</summary>
    public PipeWriter? Input { get; init; }

    public PipeReader? Output { get; init; }

    public PipeReader? Error { get; init; }

    /// <summary>Null without a terminal.</summary>
    public Action<TerminalSize>? Resize { get; init; }

    /// <summary>The exit code of a command; null when a joined process ended (whose code is the container's to tell).</summary>
    public required Task<int?> Exited { get; init; }

    public ValueTask DisposeAsync() => end();
}
