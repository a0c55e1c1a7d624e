using System.Buffers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// Opaque bytes between two connections, both ways at once. A side that is done sending is passed on as such (half-close) while
/// the other way goes on; a reset is passed on as a reset; a slow reader holds the writer back, as no more than one buffer
/// is read ahead.
/// </summary>
public sealed class Splice(SpliceSide client, SpliceSide upstream, SpliceLimits limits, TimeProvider time)
{
    private const int BufferSize = 64 * 1024;

    private SpliceWatch? watch;
    private long received;
    private long sent;
    private int end = (int)SpliceEnd.Closed;

    /// <summary>Bytes taken from the client.</summary>
    public long BytesReceived => Volatile.Read(ref received);

    /// <summary>Bytes given to the client.</summary>
    public long BytesSent => Volatile.Read(ref sent);

    /// <summary>How it ended, once <see cref="RunAsync"/> is done.</summary>
    public SpliceEnd End => (SpliceEnd)Volatile.Read(ref end);

    /// <summary>
    /// Runs until both ways are done, a limit of time is reached (then both are closed), either side resets, or
    /// <paramref name="cancellation"/> (then both are reset).
    /// </summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var limited = watch = new SpliceWatch(limits, time, reached => Stop(reached, both));
        var up = PumpAsync(client, upstream, toClient: false, both);
        var down = PumpAsync(upstream, client, toClient: true, both);
        await Task.WhenAll(up, down);
        if (cancellation.IsCancellationRequested) end = (int)SpliceEnd.Cancelled;
        if (End is SpliceEnd.Closed or SpliceEnd.Idle or SpliceEnd.TooOld) return;
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

    private void Stop(SpliceEnd reached, CancellationTokenSource both)
    {
        if (Interlocked.CompareExchange(ref end, (int)reached, (int)SpliceEnd.Closed) != (int)SpliceEnd.Closed) return;
        try
        {
            both.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Both ways were done in the same moment.
        }
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
                watch!.Active();
                if (toClient) Interlocked.Add(ref sent, count);
                else Interlocked.Add(ref received, count);
            }

            await to.FinishAsync(both.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            // Reading fails for the side read from, writing for the side written to.
            var failed = readFailed != toClient ? SpliceEnd.ClientReset : SpliceEnd.UpstreamReset;
            Interlocked.CompareExchange(ref end, (int)failed, (int)SpliceEnd.Closed);
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
