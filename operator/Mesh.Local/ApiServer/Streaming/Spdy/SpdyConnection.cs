using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Threading.Channels;

namespace Mesh.Local.ApiServer.Streaming.Spdy;

/// <summary>
/// The server's end of SPDY/3.1 over any stream of bytes: an upgraded connection, or a WebSocket that tunnels it. As much of
/// it as Kubernetes' clients use: streams that the client opens, halves that end alone, resets, pings, GOAWAY. Windows: we
/// tell the client what was taken; of the client's windows we take no notice, because Go's never tells (so TCP holds us back).
/// </summary>
internal sealed class SpdyConnection : IAsyncDisposable
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<int, SpdyStream> streams = [];
    private readonly Channel<SpdyStream> opened = Channel.CreateUnbounded<SpdyStream>();
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly CancellationTokenSource leave = new();
    private readonly SpdyHeaderReader headersIn = new();
    private readonly SpdyHeaderWriter headersOut = new();
    private readonly Stream transport;
    private int lastId;
    private bool leaving;
    private Task reading = Task.CompletedTask;

    public SpdyConnection(Stream transport)
    {
        this.transport = transport;
        Gone = leave.Token;
    }

    /// <summary>Streams in the order the client opened them; ends with the connection.</summary>
    public ChannelReader<SpdyStream> Opened => opened.Reader;

    /// <summary>The client has gone, or spoke something else.</summary>
    public CancellationToken Gone { get; }

    public void Start() => reading = ReadAsync();

    /// <summary>Says goodbye and waits until the client, having read all, has gone; a client closes when its streams have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        leaving = true;
        try
        {
            await SendControlAsync(SpdyFrame.Control(SpdyFrameKind.GoAway, lastId, 0), Gone);
            await reading.WaitAsync(LastWords);
        }
        catch (Exception e) when (e is IOException or TimeoutException or OperationCanceledException or ObjectDisposedException)
        {
            // It has gone already, or does not go: the connection is closed either way.
        }

        await leave.CancelAsync();
        await transport.DisposeAsync();
        await reading;
        headersIn.Dispose();
        headersOut.Dispose();
        leave.Dispose();
    }

    internal async ValueTask SendDataAsync(SpdyStream stream, ReadOnlyMemory<byte> bytes, bool fin, CancellationToken cancellation)
    {
        var frame = ArrayPool<byte>.Shared.Rent(SpdyFrame.HeaderLength + bytes.Length);
        try
        {
            SpdyFrame.WriteDataHeader(frame, stream.Id, fin, bytes.Length);
            bytes.CopyTo(frame.AsMemory(SpdyFrame.HeaderLength));
            await SendControlAsync(frame.AsMemory(0, SpdyFrame.HeaderLength + bytes.Length), cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    internal async ValueTask SendControlAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            // Not cancelled half way: the next frame must find the beginning of a frame.
            await transport.WriteAsync(frame, Gone);
            await transport.FlushAsync(Gone);
        }
        finally
        {
            writing.Release();
        }
    }

    internal void Forget(SpdyStream stream) => streams.TryRemove(stream.Id, out _);

    private async Task ReadAsync()
    {
        var reader = PipeReader.Create(transport, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));
        Exception? why = null;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(Gone);
                var buffer = read.Buffer;
                while (SpdyFrame.TryRead(ref buffer, out var frame))
                    await TakeAsync(frame);
                reader.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                    break;
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException or ObjectDisposedException)
        {
            why = e;
        }

        await reader.CompleteAsync();
        foreach (var stream in streams.Values)
            stream.Ended(new IOException("the client has gone", why));
        opened.Writer.Complete();
        await leave.CancelAsync();
    }

    private async ValueTask TakeAsync(SpdyFrame frame)
    {
        switch (frame.Kind)
        {
            case SpdyFrameKind.SynStream:
                await OpenAsync(frame);
                break;
            case SpdyFrameKind.Data when streams.TryGetValue(frame.StreamId, out var stream) && !stream.EndReceived:
                await DataAsync(stream, frame);
                break;
            case SpdyFrameKind.Reset when streams.TryGetValue(frame.StreamId, out var stream):
                stream.Ended(new IOException("the client broke the stream off"));
                break;
            case SpdyFrameKind.Headers:
                // Of no use to us, but the compressed stream must be read on.
                headersIn.Read(frame.Payload.Slice(4));
                break;
            case SpdyFrameKind.Ping when (frame.Number(0) & 1) == 1:
                await SendControlAsync(SpdyFrame.Control(SpdyFrameKind.Ping, 0, frame.Payload.ToArray()), Gone);
                break;
            default:
                // Settings and windows do not concern us, GOAWAY is followed by the end; data of a forgotten stream is late.
                break;
        }
    }

    private async ValueTask OpenAsync(SpdyFrame frame)
    {
        var headers = headersIn.Read(frame.Payload.Slice(10));
        if (leaving || frame.StreamId <= lastId || frame.StreamId % 2 == 0)
        {
            await SendControlAsync(SpdyFrame.Control(SpdyFrameKind.Reset, frame.StreamId, SpdyStream.ProtocolError), Gone);
            return;
        }

        lastId = frame.StreamId;
        var stream = new SpdyStream(this, frame.StreamId, headers);
        streams[stream.Id] = stream;
        byte[] id = [(byte)(stream.Id >> 24), (byte)(stream.Id >> 16), (byte)(stream.Id >> 8), (byte)stream.Id];
        await SendControlAsync(SpdyFrame.Control(SpdyFrameKind.SynReply, 0, [.. id, .. headersOut.Write()]), Gone);
        if (frame.IsFin)
            stream.Ended(null);
        opened.Writer.TryWrite(stream);
    }

    private async ValueTask DataAsync(SpdyStream stream, SpdyFrame frame)
    {
        foreach (var segment in frame.Payload)
            await stream.ReceiveAsync(segment, Gone);
        if (frame.IsFin)
            stream.Ended(null);
        else if (stream.Credit((int)frame.Payload.Length) is > 0 and var credit)
            await SendControlAsync(SpdyFrame.Control(SpdyFrameKind.WindowUpdate, stream.Id, credit), Gone);
    }
}
