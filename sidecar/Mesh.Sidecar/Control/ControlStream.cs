using System.IO.Pipelines;
using Mesh.Config.Control;

namespace Mesh.Sidecar.Control;

/// <summary>
/// Messages both ways over one HTTP/2 stream, whoever opened it. One frame at a time is in memory, each way: a peer that does
/// not read stops the writer and nothing else.
/// </summary>
/// <param name="input">The other's messages; as the one who opened, there once the response has begun.</param>
/// <param name="output">Ours.</param>
public sealed class ControlStream(Func<CancellationToken, ValueTask<PipeReader>> input, PipeWriter output)
{
    private PipeReader? reader;

    /// <summary>The next message; <c>null</c> at the end.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    /// <exception cref="System.Text.Json.JsonException">What came is no message.</exception>
    public async Task<ControlFrame?> ReadAsync(CancellationToken cancellation)
    {
        reader ??= await input(cancellation).ConfigureAwait(false);
        while (true)
        {
            var result = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            var buffer = result.Buffer;
            if (ControlFrame.TryRead(ref buffer, out var frame))
            {
                reader.AdvanceTo(buffer.Start);
                return frame;
            }

            if (result.IsCompleted) return null;
            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Sends a message; returns once it is on its way. For one writer at a time.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public async Task WriteAsync(ControlMessage message, CancellationToken cancellation)
    {
        ControlFrame.Write(output, message);
        var result = await output.FlushAsync(cancellation).ConfigureAwait(false);
        if (result.IsCompleted) throw new IOException("the operator reads no more");
    }
}
