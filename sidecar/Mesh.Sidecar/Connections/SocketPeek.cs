using System.Net.Sockets;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// Looks at the bytes that wait in a socket without taking them. Silence is waited out as an event, for as long as the first
/// limit says. Once something is there but not enough, the kernel has no event for "more than that" (a look returns at once
/// with the same bytes), so it looks again at short, growing intervals, for as long as the second limit says.
/// </summary>
public sealed class SocketPeek(Socket socket, TimeSpan silence, TimeSpan partial, TimeProvider time, CancellationToken cancellation) : IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(16);

    private readonly CancellationTokenSource deadline = new(silence, time);

    /// <summary>
    /// Fills <paramref name="buffer"/> from the first byte on, once more than <paramref name="seen"/> bytes are there.
    /// Returns how many; not more than seen when the time is over, the stream ended or the buffer is full.
    /// </summary>
    public async ValueTask<int> MoreThanAsync(int seen, byte[] buffer)
    {
        if (seen >= buffer.Length) return seen;
        if (seen > 0) deadline.CancelAfter(partial);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            for (var pause = TimeSpan.FromMilliseconds(1); ; pause = pause < LongestPause ? pause * 2 : LongestPause)
            {
                var count = await socket.ReceiveAsync(buffer, SocketFlags.Peek, either.Token);
                if (count > seen || count == 0) return count;
                await Task.Delay(pause, time, either.Token);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return seen;
        }
    }

    public void Dispose() => deadline.Dispose();
}
