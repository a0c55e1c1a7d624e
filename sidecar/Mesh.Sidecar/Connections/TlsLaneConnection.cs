using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// A connection in mutual TLS, as Kestrel's transports look to Kestrel: bytes are read ahead into one pipe, so that a client
/// that goes away is noticed while its request is at work, and written from another. Decrypting goes straight into the pipe.
/// </summary>
internal sealed class TlsLaneConnection : DefaultConnectionContext
{
    // As Kestrel's own defaults: a request is read ahead this far, a response waits for the wire beyond that.
    private const int MostReadAhead = 1024 * 1024;
    private const int MostUnsent = 64 * 1024;

    // The largest record of TLS; what lies in smaller pieces is sent as one.
    private const int RecordSize = 16 * 1024;

    // A client that takes nothing any more does not hold the farewell up.
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(5);

    private readonly SslStream stream;
    private readonly Socket socket;
    private readonly Pipe received = new(new PipeOptions(pauseWriterThreshold: MostReadAhead, resumeWriterThreshold: MostReadAhead / 2, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
    private readonly Pipe unsent = new(new PipeOptions(pauseWriterThreshold: MostUnsent, resumeWriterThreshold: MostUnsent / 2, readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
    private readonly CancellationTokenSource closed = new();
    private readonly Task running;
    private volatile ConnectionAbortedException? aborted;

    /// <param name="stream">After its handshake.</param>
    /// <param name="socket">Beneath it.</param>
    /// <param name="first">What was read of it already.</param>
    public TlsLaneConnection(SslStream stream, Socket socket, ReadOnlySpan<byte> first)
        : base(CorrelationId())
    {
        this.stream = stream;
        this.socket = socket;
        Transport = new Duplex(received.Reader, unsent.Writer);
        ConnectionClosed = closed.Token;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        received.Writer.Write(first);
        running = Task.WhenAll(ReceiveAsync(), SendAsync());
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        aborted ??= abortReason;
        Splice.Reset(socket);
        unsent.Reader.CancelPendingRead();
    }

    public override async ValueTask DisposeAsync()
    {
        await received.Reader.CompleteAsync();
        await unsent.Writer.CompleteAsync();
        await running;
        await stream.DisposeAsync();
        socket.Dispose();
        closed.Dispose();
    }

    private static string CorrelationId() => Guid.NewGuid().ToString("n");

    private async Task ReceiveAsync()
    {
        Exception? failure = null;
        try
        {
            await received.Writer.FlushAsync();
            for (var full = false; ;)
            {
                if (!full) _ = await stream.ReadAsync(Memory<byte>.Empty); // an idle connection holds no buffer
                var memory = received.Writer.GetMemory(full ? RecordSize : 0);
                var count = await stream.ReadAsync(memory);
                if (count == 0) break;
                full = count == memory.Length;
                received.Writer.Advance(count);
                if (await received.Writer.FlushAsync() is { IsCompleted: true } or { IsCanceled: true }) break;
            }
        }
        catch (Exception e) when (IsOfConnection(e))
        {
            failure = aborted ?? (Exception)new ConnectionResetException(e.Message, e);
        }

        await received.Writer.CompleteAsync(failure);
        // Never on this thread: what waits for it may want to dispose us.
        ThreadPool.UnsafeQueueUserWorkItem(static source => Cancel(source), closed, preferLocal: false);
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits for it any more.
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                var next = await unsent.Reader.ReadAsync();
                if (next.IsCanceled) break;
                if (next.Buffer.IsSingleSegment) await stream.WriteAsync(next.Buffer.First);
                else await WriteTogetherAsync(next.Buffer);
                unsent.Reader.AdvanceTo(next.Buffer.End);
                if (next.IsCompleted) break;
            }

            if (aborted is null) await FarewellAsync();
        }
        catch (Exception e) when (e is TimeoutException || IsOfConnection(e))
        {
            Splice.Reset(socket); // the reading side, which waits in it, tells
        }

        await unsent.Reader.CompleteAsync(aborted);
        received.Writer.CancelPendingFlush();
    }

    private static bool IsOfConnection(Exception e) => e is IOException or SocketException or ObjectDisposedException or AuthenticationException;

    private async ValueTask WriteTogetherAsync(ReadOnlySequence<byte> bytes)
    {
        var record = ArrayPool<byte>.Shared.Rent(RecordSize);
        try
        {
            while (!bytes.IsEmpty)
            {
                var part = bytes.Slice(0, Math.Min(bytes.Length, RecordSize));
                part.CopyTo(record);
                await stream.WriteAsync(record.AsMemory(0, (int)part.Length));
                bytes = bytes.Slice(part.End);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
        }
    }

    // TLS's own end, then the connection's: the client can tell an end from a cut.
    private async Task FarewellAsync()
    {
        await stream.ShutdownAsync().WaitAsync(FarewellLimit);
        socket.Shutdown(SocketShutdown.Both);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
