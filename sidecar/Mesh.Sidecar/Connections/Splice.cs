using System.Buffers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// Opaque bytes between two connections, both ways at once. A side that is done sending is passed on as such (half-close) while
/// the other way goes on; a reset is passed on as a reset; a slow reader holds the writer back, as no more than one buffer
/// is read ahead.
/// </summary>
public sealed class Splice(SpliceSide client, SpliceSide upstream)
{
    private const int BufferSize = 64 * 1024;

    private long received;
    private long sent;

    /// <summary>Bytes taken from the client.</summary>
    public long BytesReceived => Volatile.Read(ref received);

    /// <summary>Bytes given to the client.</summary>
    public long BytesSent => Volatile.Read(ref sent);

    /// <summary>How it ended, once <see cref="RunAsync"/> is done.</summary>
    public SpliceEnd End { get; private set; } = SpliceEnd.Closed;

    /// <summary>Runs until both ways are done, either side resets, or <paramref name="cancellation"/> (then both are reset).</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var up = PumpAsync(client, upstream, toClient: false, both);
        var down = PumpAsync(upstream, client, toClient: true, both);
        await Task.WhenAll(up, down);
        if (cancellation.IsCancellationRequested) End = SpliceEnd.Cancelled;
        if (End == SpliceEnd.Closed) return;
        client.Reset();
        upstream.Reset();
    }

    /// <summary>Closes with RST instead of FIN: what was in flight is lost and the other side shall know.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already gone.
        }

        socket.Dispose();
    }

    private async Task PumpAsync(SpliceSide from, SpliceSide to, bool toClient, CancellationTokenSource both)
    {
        var readFailed = true;
        try
        {
            var full = false;
            while (true)
            {
                // An idle connection holds no buffer: wait for readability first, unless more is known to be waiting.
                readFailed = true;
                if (!full) await from.ReadableAsync(both.Token);
                var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                int count;
                try
                {
                    count = await from.ReadAsync(buffer.AsMemory(), both.Token);
                    readFailed = false;
                    if (count > 0) await to.WriteAsync(buffer.AsMemory(0, count), both.Token);
                    full = count == buffer.Length;
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }

                if (count == 0) break;
                if (toClient) Interlocked.Add(ref sent, count);
                else Interlocked.Add(ref received, count);
            }

            await to.FinishAsync(both.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            // Reading fails for the side read from, writing for the side written to.
            if (End == SpliceEnd.Closed) End = readFailed != toClient ? SpliceEnd.ClientReset : SpliceEnd.UpstreamReset;
            await both.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The other way failed or the drain is over.
        }
        catch (ObjectDisposedException)
        {
            await both.CancelAsync();
        }
    }
}
