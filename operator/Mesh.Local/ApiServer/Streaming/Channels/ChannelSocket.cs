using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace Mesh.Local.ApiServer.Streaming.Channels;

/// <summary>
/// Kubernetes' channels over a WebSocket: the first byte of each message is the channel's number. In the base64 variants
/// messages are text and the number a digit; in version 5 channel 255 says which channel the client has ended.
/// </summary>
internal sealed class ChannelSocket : IAsyncDisposable
{
    private const int LongestMessage = 16 << 20;
    private const byte EndOfChannel = 255;

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(10);

    private readonly WebSocket socket;
    private readonly bool base64;
    private readonly bool hasEnds;
    private readonly Dictionary<byte, ChannelStream> channels = [];
    private readonly HashSet<byte> ended = [];
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly CancellationTokenSource leave = new();
    private Task reading = Task.CompletedTask;

    /// <param name="socket">Accepted; closed and disposed with this.</param>
    /// <param name="protocol">The subprotocol agreed on.</param>
    public ChannelSocket(WebSocket socket, string protocol)
    {
        this.socket = socket;
        base64 = protocol.Contains("base64", StringComparison.Ordinal);
        hasEnds = protocol.StartsWith("v5.", StringComparison.Ordinal);
        Gone = leave.Token;
    }

    /// <summary>The client has gone.</summary>
    public CancellationToken Gone { get; }

    /// <summary>A channel for both ways.</summary>
    public ChannelStream Open(byte number) => channels[number] = new ChannelStream(this, number);

    /// <summary>A channel on which the client is not heard.</summary>
    public ChannelStream OpenForSending(byte number) => new(this, number);

    /// <summary>Begins to read, once all channels are open.</summary>
    public void Start() => reading = ReadAsync();

    public async ValueTask SendAsync(byte channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        byte[] message = base64
            ? Encoding.ASCII.GetBytes((char)('0' + channel) + Convert.ToBase64String(bytes.Span))
            : [channel, .. bytes.Span];
        await writing.WaitAsync(cancellation);
        try
        {
            // Not cancelled half way: a WebSocket whose sending is cancelled is broken.
            await socket.SendAsync(message, base64 ? WebSocketMessageType.Text : WebSocketMessageType.Binary, true, Gone);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException)
        {
            throw new IOException("the client has gone", e);
        }
        finally
        {
            writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Gone);
            await reading.WaitAsync(LastWords);
        }
        catch (Exception e) when (e is WebSocketException or TimeoutException or OperationCanceledException or ObjectDisposedException)
        {
            // It has gone already, or does not answer: the connection is closed either way.
        }

        await leave.CancelAsync();
        socket.Dispose();
        await reading;
        leave.Dispose();
    }

    private async Task ReadAsync()
    {
        var message = new ArrayBufferWriter<byte>(64 * 1024);
        Exception? why = null;
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(message.GetMemory(32 * 1024), Gone);
                if (part.MessageType == WebSocketMessageType.Close)
                    break;
                message.Advance(part.Count);
                if (message.WrittenCount > LongestMessage)
                    throw new InvalidDataException($"a message of more than {LongestMessage} bytes");
                if (!part.EndOfMessage)
                    continue;
                await TakeAsync(message.WrittenMemory);
                message.ResetWrittenCount();
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidDataException or FormatException)
        {
            why = e;
        }

        foreach (var (number, channel) in channels)
        {
            if (ended.Add(number))
                channel.EndReceive(new IOException("the client has gone", why));
        }

        await leave.CancelAsync();
    }

    private async ValueTask TakeAsync(ReadOnlyMemory<byte> message)
    {
        if (message.IsEmpty)
            return;
        var number = base64 ? (byte)(message.Span[0] - '0') : message.Span[0];
        var bytes = message[1..];
        if (hasEnds && number == EndOfChannel && bytes.Length > 0)
        {
            if (channels.TryGetValue(bytes.Span[0], out var over) && ended.Add(bytes.Span[0]))
                over.EndReceive();
        }
        else if (channels.TryGetValue(number, out var channel) && !ended.Contains(number))
        {
            await channel.ReceiveAsync(base64 ? Convert.FromBase64String(Encoding.ASCII.GetString(bytes.Span)) : bytes, Gone);
        }
    }
}
