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

    /// <summary>
    /// Starts on a new thread: <paramref name="prepare"/> runs there first (it may unshare and mount) and says what to spawn;
    /// <paramref name="onOutput"/> gets the bytes of standard output and error as they come, on that thread.
    /// </summary>
    public static Task<ChildProcess> StartAsync(string name, Func<SpawnRequest> prepare, Action<ReadOnlyMemory<byte>> onOutput, uint outputOwner = 0)
    {
        var started = new TaskCompletionSource<ChildProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => Live(prepare, onOutput, outputOwner, started), 512 * 1024) { Name = name, IsBackground = true };
        thread.Start();
        return started.Task;
    }

    /// <summary>False when the process has ended already; a pid that was reaped is never signalled.</summary>
    public bool Signal(int signal)
    {
        lock (_signalling) return !_reaped && Libc.Kill(Pid, signal) == 0;
    }

    private static void Live(Func<SpawnRequest> prepare, Action<ReadOnlyMemory<byte>> onOutput, uint outputOwner, TaskCompletionSource<ChildProcess> started)
    {
        ChildProcess child;
        var (read, write) = Pipe();
        try
        {
            using var none = File.OpenHandle("/dev/null");
            // A program that opens /dev/stdout by name needs the pipe to be its own.
            Libc.FChown(write, outputOwner, outputOwner);
            var request = prepare();
            child = new ChildProcess(Spawn.Start(request with
            {
                StandardInput = request.StandardInput >= 0 ? request.StandardInput : (int)none.DangerousGetHandle(),
                StandardOutput = write,
                StandardError = write,
            }));
        }
        catch (Exception e) // Carried to the caller, who decides.
        {
            Libc.Close(read);
            Libc.Close(write);
            started.SetException(e);
            return;
        }

        Libc.Close(write);
        started.SetResult(child);
        Drain(read, onOutput);
        Libc.Close(read);
        child.Reap();
    }

    private static unsafe (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        Libc.Check(Libc.Pipe2(ends, Libc.OCloexec), "create a pipe");
        return (ends[0], ends[1]);
    }

    private static unsafe void Drain(int pipe, Action<ReadOnlyMemory<byte>> onOutput)
    {
        var buffer = new byte[64 * 1024];
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = Libc.Read(pipe, start, buffer.Length);
                if (count < 0 && Interrupted()) continue;
                if (count <= 0) return;
                onOutput(buffer.AsMemory(0, (int)count));
            }
        }
    }

    private unsafe void Reap()
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

        _exited.SetResult(ExitStatus.FromWait(status));
    }

    private static bool Interrupted() => Marshal.GetLastPInvokeError() == 4;
}
