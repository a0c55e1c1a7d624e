using System.Net.Sockets;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// Looks at the bytes that wait in a socket without taking them. A second look would return at once with the same bytes, so
/// the socket's low-water mark is raised until there is one more than seen; it is put back on disposal.
/// </summary>
public sealed class SocketPeek : IDisposable
{
    private const int SolSocket = 1;
    private const int SoRcvLowAt = 18;

    private readonly Socket socket;
    private readonly CancellationTokenSource deadline;
    private readonly CancellationTokenSource linked;
    private bool raised;

    public SocketPeek(Socket socket, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        this.socket = socket;
        deadline = new CancellationTokenSource(timeout, time);
        linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
    }

    /// <summary>
    /// Fills <paramref name="buffer"/> from the first byte on, once more than <paramref name="seen"/> bytes are there.
    /// Returns how many; not more than seen when the deadline passed, the stream ended or the buffer is full.
    /// </summary>
    public async ValueTask<int> MoreThanAsync(int seen, byte[] buffer)
    {
        if (seen >= buffer.Length) return seen;
        if (seen > 0)
        {
            SetLowWaterMark(seen + 1);
            raised = true;
        }

        try
        {
            return await socket.ReceiveAsync(buffer, SocketFlags.Peek, linked.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return seen;
        }
    }

    public void Dispose()
    {
        if (raised) SetLowWaterMark(1);
        linked.Dispose();
        deadline.Dispose();
    }

    private void SetLowWaterMark(int bytes)
    {
        try
        {
            socket.SetRawSocketOption(SolSocket, SoRcvLowAt, BitConverter.GetBytes(bytes));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer is gone; the next read says so.
        }
    }
}
