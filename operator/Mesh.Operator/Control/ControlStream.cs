using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Mesh.Config.Control;

namespace Mesh.Operator.Control;

// The operator's end of the control port. In come connections to and from sidecars, plans, signing requests; out go configs
// to each proxy as fast as that proxy takes them, certificates, and reports for the book. Every pod has its own loops, so
// that one that is slow or silent delays nobody. What never happens here: clear text, a config queued behind an older one, a
// word taken from a sidecar about any pod but the one it was proved to be.

/// <summary>Frames both ways on one HTTP/2 stream. Reads by one, writes by any.</summary>
internal sealed class ControlStream(Stream input, Stream output) : IDisposable
{
    private const int KeptBytes = 64 * 1024;

    private readonly PipeReader _input = PipeReader.Create(input, new StreamPipeReaderOptions(leaveOpen: true));
    private readonly SemaphoreSlim _writing = new(1);
    private ArrayBufferWriter<byte> _frame = new();

    /// <summary>The next message; null at the end.</summary>
    /// <exception cref="JsonException">What came is no message.</exception>
    public async ValueTask<ControlMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            // Only the operator sends attachments: a sidecar cannot have megabytes held for it here.
            if (ControlFrame.TryRead(ref buffer, out var frame, mostAttachment: 0, fromSidecar: true))
            {
                _input.AdvanceTo(buffer.Start);
                return frame.Message;
            }

            _input.AdvanceTo(buffer.Start, buffer.End);
            if (!read.IsCompleted) continue;
            return buffer.IsEmpty ? null : throw new JsonException("the stream ended within a message");
        }
    }

    public async Task WriteAsync(ControlMessage message, ReadOnlyMemory<byte> attachment, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            _frame.ResetWrittenCount();
            ControlFrame.Write(_frame, message, attachment.Span);
            await output.WriteAsync(_frame.WrittenMemory, cancellationToken);
            await output.FlushAsync(cancellationToken);
            // A large push is not kept for as long as the session lives.
            if (_frame.Capacity > KeptBytes) _frame = new ArrayBufferWriter<byte>();
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Waits a moment for the other side to end the stream.</summary>
    public async Task EndAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            while (await ReadAsync(either.Token) is not null)
            {
            }
        }
        catch (Exception e) when (e is IOException or JsonException or HttpRequestException or OperationCanceledException)
        {
            // However it ends, it has.
        }
    }

    public Task WriteAsync(ControlMessage message, CancellationToken cancellationToken) => WriteAsync(message, default, cancellationToken);

    public void Dispose() => _writing.Dispose();
}
