using System.Runtime.InteropServices;

namespace Mesh.Local.Node.Linux;

/// <summary>The standard streams of one process, its ends and ours: pipes, or one terminal for all three.</summary>
internal sealed unsafe class StandardStreams : IDisposable
{
    private const int BufferSize = 64 * 1024;
    private const short PollIn = 1;

    private readonly List<int> _theirs = [];
    private readonly Terminal? _terminal;
    private int _output = -1;
    private int _error = -1;

    private StandardStreams(Terminal? terminal) => _terminal = terminal;

    public ProcessInput? Input { get; private init; }

    /// <summary>Null without a terminal.</summary>
    public Terminal? Terminal => _terminal;

    /// <param name="wanted">Which pipes; of a terminal only whether there is input.</param>
    /// <param name="terminals">Where a devpts is mounted whose next terminal is to be the process's; null: pipes.</param>
    public static StandardStreams Open(ProcessStreams wanted, string? terminals)
    {
        if (terminals is not null)
        {
            var terminal = Terminal.Open(terminals, wanted.Owner);
            return new StandardStreams(terminal)
            {
                _output = terminal.Descriptor,
                // A descriptor of its own, closed when no more is typed; the terminal stays.
                Input = wanted.Input ? new ProcessInput(Libc.Check(Libc.Dup(terminal.Descriptor), "duplicate a terminal")) : null,
            };
        }

        var (inRead, inWrite) = wanted.Input ? Pipe() : (Libc.Check(Libc.Open("/dev/null", Libc.ORdonly | Libc.OCloexec, 0), "open /dev/null"), -1);
        var (outRead, outWrite) = Pipe();
        var (errRead, errWrite) = wanted.Apart ? Pipe() : (-1, outWrite);
        foreach (var end in (int[])[inRead, outWrite, errWrite]) Libc.FChown(end, wanted.Owner, wanted.Owner);
        var streams = new StandardStreams(null) { _output = outRead, _error = errRead, Input = inWrite >= 0 ? new ProcessInput(inWrite) : null };
        streams._theirs.AddRange(wanted.Apart ? [inRead, outWrite, errWrite] : [inRead, outWrite]);
        return streams;
    }

    /// <summary>The request with the process's ends in place.</summary>
    public SpawnRequest Connect(SpawnRequest request) => _terminal is not null
        ? request with { Terminal = (request.NewRoot is null ? request.Terminals : "/dev/pts") + "/" + _terminal.Number }
        : request with { StandardInput = request.StandardInput >= 0 ? request.StandardInput : _theirs[0], StandardOutput = _theirs[1], StandardError = _theirs[^1] };

    /// <summary>The process has its ends now: ours are the only others, so that their end is seen.</summary>
    public void Handed()
    {
        foreach (var end in _theirs) Libc.Close(end);
        _theirs.Clear();
    }

    /// <summary>Carries output away until the last process that holds it has ended.</summary>
    public void Drain(Action<ReadOnlyMemory<byte>, bool> onOutput)
    {
        var buffer = new byte[BufferSize];
        var polled = stackalloc PollDescriptor[2];
        polled[0] = new PollDescriptor { Descriptor = _output, Wanted = PollIn };
        polled[1] = new PollDescriptor { Descriptor = _error, Wanted = PollIn };
        fixed (byte* start = buffer)
        {
            while (polled[0].Descriptor >= 0 || polled[1].Descriptor >= 0)
            {
                if (Libc.Poll(polled, 2, -1) < 0 && Marshal.GetLastPInvokeError() != Libc.EIntr) return;
                for (var i = 0; i < 2; i++)
                {
                    if (polled[i].Descriptor < 0 || polled[i].Happened == 0) continue;
                    var count = Libc.Read(polled[i].Descriptor, start, BufferSize);
                    if (count > 0) onOutput(buffer.AsMemory(0, (int)count), i == 1);
                    // Nothing is the end; an error is a terminal's way to say that nobody has it open any more.
                    else if (count == 0 || Marshal.GetLastPInvokeError() != Libc.EIntr) polled[i].Descriptor = -1;
                }
            }
        }
    }

    public void Dispose()
    {
        Handed();
        Input?.Dispose();
        if (_terminal is not null) _terminal.Dispose();
        else Libc.Close(_output);
        if (_error >= 0) Libc.Close(_error);
    }

    private static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        Libc.Check(Libc.Pipe2(ends, Libc.OCloexec), "create a pipe");
        return (ends[0], ends[1]);
    }
}
