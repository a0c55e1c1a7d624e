using System.Buffers;
using System.IO.Pipelines;

namespace Mesh.Local.Node.Sessions;

/// <summary>
/// Who is attached to a container's output. A container never waits for its listeners: one that falls too far behind is
/// let go, and hears so as a broken stream.
/// </summary>
internal sealed class OutputListener(bool output, bool error)
{
    private const int MostBehind = 4 << 20;

    private readonly Pipe? _output = output ? Open() : null;
    private readonly Pipe? _error = error ? Open() : null;
    private readonly Lock _ending = new();
    private bool _ended;

    public PipeReader? Output => _output?.Reader;

    public PipeReader? Error => _error?.Reader;

    public void Hear(ReadOnlyMemory<byte> bytes, bool isError)
    {
        lock (_ending)
        {
            if (_ended || (isError ? _error : _output) is not { } pipe) return;
            pipe.Writer.Write(bytes.Span);
            // Not waited for: it is done at once unless the reader is behind by more than the pipe holds.
            if (pipe.Writer.FlushAsync().IsCompleted) return;
        }

        End(new IOException($"the client is more than {MostBehind} bytes behind the container's output"));
    }

    /// <summary>Nothing more will be heard.</summary>
    public void End(Exception? why = null)
    {
        lock (_ending)
        {
            if (_ended) return;
            _ended = true;
            _output?.Writer.Complete(why);
            _error?.Writer.Complete(why);
        }
    }

    private static Pipe Open() => new(new PipeOptions(pauseWriterThreshold: MostBehind, resumeWriterThreshold: MostBehind / 2, useSynchronizationContext: false));
}
