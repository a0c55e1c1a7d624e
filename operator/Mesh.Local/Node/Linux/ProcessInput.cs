using System.IO.Pipelines;
using System.Runtime.InteropServices;

namespace Mesh.Local.Node.Linux;

/// <summary>
/// A process's standard input. Writing to it can wait as long as the process does not read, so a thread of its own does it,
/// begun with the first byte; a process that has closed its input loses the rest, as in any pipe.
/// </summary>
internal sealed unsafe class ProcessInput : IDisposable
{
    private readonly Pipe _waiting = new(new PipeOptions(useSynchronizationContext: false));
    private readonly int _descriptor;

    /// <param name="descriptor">Ours from now on: a pipe, which the end of input closes, or a terminal, where that changes nothing.</param>
    public ProcessInput(int descriptor)
    {
        _descriptor = descriptor;
        new Thread(Carry, 128 * 1024) { Name = "stdin", IsBackground = true }.Start();
    }

    /// <summary>Completing it ends the input.</summary>
    public PipeWriter Writer => _waiting.Writer;

    /// <summary>The process has ended; nothing more is taken.</summary>
    public void Dispose() => _waiting.Reader.CancelPendingRead();

    private void Carry()
    {
        while (true)
        {
            var read = _waiting.Reader.ReadAsync().AsTask().GetAwaiter().GetResult();
            var taken = !read.IsCanceled;
            foreach (var segment in read.Buffer) taken = taken && Write(segment.Span);
            _waiting.Reader.AdvanceTo(read.Buffer.End);
            if (!taken || read.IsCompleted) break;
        }

        _waiting.Reader.Complete();
        Libc.Close(_descriptor);
    }

    private bool Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var count = Libc.Write(_descriptor, start + done, bytes.Length - done);
                if (count >= 0) done += (int)count;
                else if (Marshal.GetLastPInvokeError() != Libc.EIntr) return false;
            }
        }

        return true;
    }
}
