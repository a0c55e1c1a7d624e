using System.Net.Sockets;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Forwarding;

/// <summary>
/// One upstream connection, counted. An endpoint may answer and close before it has read the whole request (413, 401); the
/// client library would see only that writing failed. So when writing fails while an answer waits to be read, the rest of the
/// request is let drop and the answer gets its turn.
/// </summary>
internal sealed class UpstreamStream : NetworkStream
{
    // So much fits into an empty send buffer: of a longer write that failed a part may have been sent.
    private const int GoesWhole = 8192;

    private readonly EndpointState state;
    private bool unheard;
    private bool sent;
    private int closed;

    public UpstreamStream(Socket socket, EndpointState state)
        : base(socket, ownsSocket: true)
    {
        this.state = state;
        state.CountConnection(1);
    }

    /// <summary>What was sent so far was between the connection's two ends (a handshake); what is sent from now on are requests.</summary>
    public void Established() => sent = false;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (unheard) return default;
        var pending = base.WriteAsync(buffer, cancellationToken);
        if (!pending.IsCompletedSuccessfully) return WatchAsync(pending, buffer.Length);
        pending.GetAwaiter().GetResult(); // hands the pooled operation back
        sent = true;
        return default;
    }

    private async ValueTask WatchAsync(ValueTask pending, int length)
    {
        try
        {
            await pending;
            sent = true;
        }
        catch (IOException) when (HasAnswer())
        {
            unheard = true;
        }
        catch (IOException failed) when (!sent && length <= GoesWhole)
        {
            throw new NothingSentException(failed);
        }
    }

    private bool HasAnswer()
    {
        try
        {
            return Socket.Available > 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref closed, 1) == 0) state.CountConnection(-1);
        base.Dispose(disposing);
    }
}
