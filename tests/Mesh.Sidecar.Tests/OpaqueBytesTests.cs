using System.Net.Sockets;
using System.Text;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests;

/// <summary>What holds for opaque bytes whatever carries them: a half-close, a reset and a slow reader arrive as they were meant.</summary>
public abstract class OpaqueBytesTests
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A way from a client of a sidecar to the server at this port of loopback.</summary>
    private protected abstract Task<OpaqueWay> CarryAsync(int port);

    [Fact]
    public async Task A_client_that_is_done_sending_still_gets_the_answer()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            var text = await ReadToEndAsync(socket, cancellation);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"got {text}"), cancellation);
        });
        await using var way = await CarryAsync(server.Port);
        using var client = await way.Client.ConnectOutboundAsync();
        await client.Client.SendAsync("question"u8.ToArray(), Cancel);
        client.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal("got question", await ReadToEndAsync(client.Client, Cancel));
    }

    [Fact]
    public async Task A_server_that_is_done_sending_still_hears_the_client()
    {
        var heard = new TaskCompletionSource<string>();
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            await socket.SendAsync("bye"u8.ToArray(), cancellation);
            socket.Shutdown(SocketShutdown.Send);
            heard.SetResult(await ReadToEndAsync(socket, cancellation));
        });
        await using var way = await CarryAsync(server.Port);
        using var client = await way.Client.ConnectOutboundAsync();

        Assert.Equal("bye", await ReadToEndAsync(client.Client, Cancel));
        await client.Client.SendAsync("late words"u8.ToArray(), Cancel);
        client.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal("late words", await heard.Task.WaitAsync(Eventually.Patience, Cancel));
    }

    [Fact]
    public async Task A_servers_reset_is_passed_on_as_a_reset()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            await socket.ReceiveAsync(new byte[1], cancellation);
            socket.LingerState = new LingerOption(true, 0);
        });
        await using var way = await CarryAsync(server.Port);
        using var client = await way.Client.ConnectOutboundAsync();
        await client.Client.SendAsync("x"u8.ToArray(), Cancel);

        var failure = await Assert.ThrowsAsync<SocketException>(async () => await client.Client.ReceiveAsync(new byte[1], Cancel));
        Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        Assert.Contains(" UC ", (await way.Client.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clients_reset_is_passed_on_to_the_server()
    {
        var ended = new TaskCompletionSource<SocketError>();
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            await socket.SendAsync("x"u8.ToArray(), cancellation);
            try
            {
                await socket.ReceiveAsync(new byte[1], cancellation);
                ended.SetResult(SocketError.Success);
            }
            catch (SocketException e)
            {
                ended.SetResult(e.SocketErrorCode);
            }
        });
        await using var way = await CarryAsync(server.Port);
        var client = await way.Client.ConnectOutboundAsync();
        await ReadAsync(client, 1);
        Splice.Reset(client.Client);

        Assert.Equal(SocketError.ConnectionReset, await ended.Task.WaitAsync(Eventually.Patience, Cancel));
    }

    [Fact]
    public async Task A_reader_that_stops_holds_the_writer_back()
    {
        var written = 0L;
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            var block = new byte[64 * 1024];
            for (var i = 0; i < 1024; i++)
            {
                for (var at = 0; at < block.Length;) at += await socket.SendAsync(block.AsMemory(at), cancellation);
                Interlocked.Add(ref written, block.Length);
            }
        });
        await using var way = await CarryAsync(server.Port);
        using var client = await way.Client.ConnectOutboundAsync();
        var last = -1L;
        await Eventually.True(() => Interlocked.Exchange(ref last, Interlocked.Read(ref written)) == Interlocked.Read(ref written) && last > 0, "the writer stalls");
        Assert.True(Interlocked.Read(ref written) < 64L * 1024 * 1024, "everything was taken though nobody read");

        var total = 0L;
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await client.Client.ReceiveAsync(buffer, Cancel)) > 0) total += count;
        Assert.Equal(64L * 1024 * 1024, total);
    }

    protected static async Task<string> ReadAsync(TcpClient client, int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Eventually.Patience);
        var buffer = new byte[count];
        await client.GetStream().ReadExactlyAsync(buffer, limit.Token);
        return Encoding.ASCII.GetString(buffer);
    }

    protected static async Task<string> ReadToEndAsync(Socket socket, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var buffer = new byte[1024];
        int count;
        while ((count = await socket.ReceiveAsync(buffer, cancellation)) > 0) text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        return text.ToString();
    }
}
