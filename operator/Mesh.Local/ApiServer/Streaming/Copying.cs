using System.Buffers;
using System.IO.Pipelines;

namespace Mesh.Local.ApiServer.Streaming;

/// <summary>Bytes from one end to the other, and the end of them.</summary>
internal static class Copying
{
    /// <summary>All of <paramref name="from"/> to the client, then the end of the stream.</summary>
    public static async Task ToClientAsync(PipeReader? from, RemoteStream? to, CancellationToken cancellation)
    {
        if (from is null)
            return;
        while (true)
        {
            var read = await from.ReadAsync(cancellation);
            foreach (var segment in read.Buffer)
            {
                if (to is not null)
                    await to.SendAsync(segment, cancellation);
            }

            from.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }

        if (to is not null)
            await to.EndAsync(cancellation);
    }

    /// <summary>All that the client sends, then the end of input. A reader that wants no more is no failure: the rest is dropped.</summary>
    public static async Task FromClientAsync(RemoteStream? from, PipeWriter? to, CancellationToken cancellation)
    {
        if (from is null)
            return;
        try
        {
            if (to is not null)
                await from.Incoming.CopyToAsync(to, cancellation);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client broke off or the session is over; either way there is no more input.
        }

        if (to is not null)
            await to.CompleteAsync();
        await from.Incoming.CompleteAsync();
    }

    /// <summary>Objects of the resize stream, each handed on as its closing brace comes; they are flat, so the brace ends one.</summary>
    public static async Task ResizesAsync(RemoteStream? from, Action<TerminalSize>? resize, CancellationToken cancellation)
    {
        if (from is null)
            return;
        try
        {
            while (true)
            {
                var read = await from.Incoming.ReadAsync(cancellation);
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'}') is { } brace)
                {
                    var end = rest.GetPosition(1, brace);
                    if (TerminalSizes.Parse(rest.Slice(0, end)) is { } size)
                        resize?.Invoke(size);
                    rest = rest.Slice(end);
                }

                from.Incoming.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                    break;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // As with input.
        }

        await from.Incoming.CompleteAsync();
    }
}
