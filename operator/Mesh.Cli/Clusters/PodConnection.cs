using System.Net.WebSockets;
using System.Text;

namespace Mesh.Cli.Clusters;

/// <summary>
/// A connection to a port of a pod, as channels of a WebSocket: 0 carries the bytes, 1 the reason why there are none, and each
/// begins with the port's number in two bytes.
/// </summary>
internal sealed class PodConnection(WebSocket socket) : Stream
{
    public const string Protocol = "v4.channel.k8s.io";

    private const int Data = 0;
    private const int Error = 1;

    private readonly byte[] _received = new byte[32 * 1024];
    private readonly int[] _numberLeft = [2, 2];
    private Memory<byte> _unread;
    private int _channel = -1;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_unread.IsEmpty)
        {
            var (channel, part, ended) = await ReceiveAsync(cancellationToken);
            if (ended) return 0;
            if (channel == Data) _unread = part;
            else if (channel == Error && !part.IsEmpty) throw new IOException(Encoding.UTF8.GetString(part.Span).Trim());
        }

        var count = Math.Min(buffer.Length, _unread.Length);
        _unread[..count].CopyTo(buffer);
        _unread = _unread[count..];
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var message = new byte[buffer.Length + 1];
        message[0] = Data;
        buffer.CopyTo(message.AsMemory(1));
        try
        {
            await socket.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        catch (WebSocketException e)
        {
            throw new IOException($"the API server ended the connection: {e.Message}", e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
        // Every write is sent as it is.
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) socket.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Next bytes of a message, without the channel's byte and the port's number.</summary>
    private async ValueTask<(int Channel, Memory<byte> Part, bool Ended)> ReceiveAsync(CancellationToken cancellation)
    {
        try
        {
            var received = await socket.ReceiveAsync(_received.AsMemory(), cancellation);
            if (received.MessageType == WebSocketMessageType.Close) return (-1, default, true);
            var part = _received.AsMemory(0, received.Count);
            if (_channel < 0 && !part.IsEmpty) (_channel, part) = (part.Span[0], part[1..]);
            var channel = _channel;
            if (received.EndOfMessage) _channel = -1;
            if (channel is not (Data or Error)) return (channel, default, false);
            var number = Math.Min(_numberLeft[channel], part.Length);
            _numberLeft[channel] -= number;
            return (channel, part[number..], false);
        }
        catch (WebSocketException e)
        {
            throw new IOException($"the API server ended the connection: {e.Message}", e);
        }
    }
}
