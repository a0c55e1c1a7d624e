using System.Runtime.InteropServices;

namespace Mesh.Local.Node.Linux;

/// <summary>
/// A process with a thread of ours of its own: the thread starts it, carries its output away line by line and waits for its
/// end. The thread outlives the process because the kernel sends the parent-death signal when the parent *thread* ends.
/// </summary>
internal sealed class ChildProcess
{
    private readonly TaskCompletionSource<ExitStatus> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _signalling = new();
    private bool _reaped;

    private ChildProcess(int pid) => Pid = pid;

    /// <summary>The process id as the host sees it.</summary>
    public int Pid { get; }

    public Task<ExitStatus> Exited => _exited.Task;

    /// <summary>What it reads, when that was wanted.</summary>
    public ProcessInput? Input { get; private init; }

    /// <summary>Null without a terminal.</summary>
    public Terminal? Terminal { get; private init; }

    /// <summary>
    /// Starts on a new thread: <paramref name="prepare"/> runs there first (it may unshare and mount) and says what to spawn;
    /// <paramref name="streams"/> says where its output goes, on that thread.
    /// </summary>
    public static Task<ChildProcess> StartAsync(string name, Func<SpawnRequest> prepare, ProcessStreams streams)
    {
        var started = new TaskCompletionSource<ChildProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => Live(prepare, streams, started), 512 * 1024) { Name = name, IsBackground = true };
        thread.Start();
        return started.Task;
    }

    /// <summary>With output and errors in one stream, in their order, and no input.</summary>
    public static Task<ChildProcess> StartAsync(string name, Func<SpawnRequest> prepare, Action<ReadOnlyMemory<byte>> onOutput) =>
        StartAsync(name, prepare, new ProcessStreams { Output = (bytes, _) => onOutput(bytes) });

    /// <summary>False when the process has ended already; a pid that was reaped is never signalled.</summary>
    public bool Signal(int signal)
    {
        lock (_signalling) return !_reaped && Libc.Kill(Pid, signal) == 0;
    }

    /// <summary>To the process and all that it started and did not give a group of their own.</summary>
    public void SignalGroup(int signal)
    {
        lock (_signalling)
        {
            if (!_reaped) Libc.Kill(-Pid, signal);
        }
    }

    private static void Live(Func<SpawnRequest> prepare, ProcessStreams wanted, TaskCompletionSource<ChildProcess> started)
    {
        ChildProcess child;
        StandardStreams? streams = null;
        try
        {
            var request = prepare();
            streams = StandardStreams.Open(wanted, request.Terminals);
            child = new ChildProcess(Spawn.Start(streams.Connect(request))) { Input = streams.Input, Terminal = streams.Terminal };
        }
        catch (Exception e) // Carried to the caller, who decides.
        {
            streams?.Dispose();
            started.SetException(e);
            return;
        }

        streams.Handed();
        started.SetResult(child);
        streams.Drain(wanted.Output);
        child.Reap(streams);
    }

    private unsafe void Reap(StandardStreams streams)
    {
        // First wait without reaping, so that the id stays the process's own until signalling is over.
        var nothing = stackalloc byte[128];
        while (Libc.WaitId(Libc.PPid, (uint)Pid, nothing, Libc.WExited | Libc.WNoWait) < 0 && Interrupted())
        {
        }

        var status = 0;
        lock (_signalling)
        {
            Libc.WaitPid(Pid, &status, 0);
            _reaped = true;
        }

        streams.Dispose();
        _exited.SetResult(ExitStatus.FromWait(status));
    }

    private static bool Interrupted() => Marshal.GetLastPInvokeError() == Libc.EIntr;
}
