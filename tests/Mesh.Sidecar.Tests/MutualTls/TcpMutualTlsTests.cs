using System.Net.Sockets;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.MutualTls;

public sealed class TcpMutualTlsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_speaks_first_is_heard_without_a_wait()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            await socket.SendAsync("220 ready\r\n"u8.ToArray(), cancellation);
            await socket.ReceiveAsync(new byte[16], cancellation);
        });
        await using var pair = await MeshedPair.StartAsync(server.Port, AppProtocol.Tcp);
        // Detection would wait for an hour on either side: that the greeting comes at all shows that nobody waits.
        var patient = new MeshSettings { ProtocolDetectionTimeout = TimeSpan.FromHours(1), AccessLogFile = pair.Server.LogPath };
        pair.Client.Apply(MeshedPair.ClientConfig(AppProtocol.Tcp, true, pair.Server.Sidecar.InboundPort) with { Mesh = patient, Revision = 2 });
        pair.Server.Apply(MeshedPair.ServerConfig(server.Port, AppProtocol.Tcp, MutualTlsMode.Permissive) with { Mesh = patient, Revision = 2 });
        using var client = await pair.Client.ConnectOutboundAsync();

        Assert.Equal("220 ready\r\n", await ReadAsync(client, 11));
    }

    [Fact]
    public async Task A_client_that_is_done_sending_still_gets_the_answer()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            var text = await ReadToEndAsync(socket, cancellation);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"got {text}"), cancellation);
        });
        await using var pair = await MeshedPair.StartAsync(server.Port, AppProtocol.Tcp);
        using var client = await pair.Client.ConnectOutboundAsync();
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
        await using var pair = await MeshedPair.StartAsync(server.Port, AppProtocol.Tcp);
        using var client = await pair.Client.ConnectOutboundAsync();

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
        await using var pair = await MeshedPair.StartAsync(server.Port, AppProtocol.Tcp);
        using var client = await pair.Client.ConnectOutboundAsync();
        await client.Client.SendAsync("x"u8.ToArray(), Cancel);

        var failure = await Assert.ThrowsAsync<SocketException>(async () => await client.Client.ReceiveAsync(new byte[1], Cancel));
        Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        Assert.Contains(" UC ", (await pair.Client.LogLinesAsync(1))[0], StringComparison.Ordinal);
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
        await using var pair = await MeshedPair.StartAsync(server.Port, AppProtocol.Tcp);
        var client = await pair.Client.ConnectOutboundAsync();
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
        await using var pair = await MeshedPair.StartAsync(server.Port, AppProtocol.Tcp);
        using var client = await pair.Client.ConnectOutboundAsync();
        var last = -1L;
        await Eventually.True(() => Interlocked.Exchange(ref last, Interlocked.Read(ref written)) == Interlocked.Read(ref written) && last > 0, "the writer stalls");
        Assert.True(Interlocked.Read(ref written) < 64L * 1024 * 1024, "everything was taken though nobody read");

        var total = 0L;
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await client.Client.ReceiveAsync(buffer, Cancel)) > 0) total += count;
        Assert.Equal(64L * 1024 * 1024, total);
    }

    [Fact]
    public async Task An_applications_own_TLS_is_carried_within_it()
    {
        using var certificate = TestCertificate.For("server");
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            await using var tls = new System.Net.Security.SslStream(new NetworkStream(socket, ownsSocket: false));
            await tls.AuthenticateAsServerAsync(new System.Net.Security.SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellation);
            await tls.WriteAsync("inner"u8.ToArray(), cancellation);
            await tls.ShutdownAsync();
        });
        await using var pair = await MeshedPair.StartAsync(server.Port, AppProtocol.Tls);
        using var client = await pair.Client.ConnectOutboundAsync();
        await using var own = new System.Net.Security.SslStream(client.GetStream());
        await own.AuthenticateAsClientAsync(
            new System.Net.Security.SslClientAuthenticationOptions { TargetHost = "server", RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString() }, Cancel);
        using var reader = new StreamReader(own);

        Assert.Equal("inner", await reader.ReadToEndAsync(Cancel));
    }

    [Fact]
    public async Task A_connection_each_request_leaves_nothing_behind()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            var buffer = new byte[64];
            var count = await socket.ReceiveAsync(buffer, cancellation);
            await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
        });
        await using var pair = await MeshedPair.StartAsync(server.Port, AppProtocol.Tcp);
        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel }, async (i, _) =>
        {
            using var client = await pair.Client.ConnectOutboundAsync();
            await client.Client.SendAsync(Encoding.ASCII.GetBytes($"{i:0000}"), Cancel);
            Assert.Equal($"{i:0000}", await ReadAsync(client, 4));
            Assert.Equal(0, await client.Client.ReceiveAsync(new byte[1], Cancel));
        });

        await Eventually.True(() => pair.Client.Sidecar.Drain.Open == 0 && pair.Server.Sidecar.Drain.Open == 0, "every connection has ended");
        Assert.All(pair.Client.Sidecar.State.Current!.Clusters.SelectMany(cluster => cluster.Pool.Members), member => Assert.Equal(0, member.State.Connections));
    }

    private static async Task<string> ReadAsync(TcpClient client, int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Eventually.Patience);
        var buffer = new byte[count];
        await client.GetStream().ReadExactlyAsync(buffer, limit.Token);
        return Encoding.ASCII.GetString(buffer);
    }

    private static async Task<string> ReadToEndAsync(Socket socket, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var buffer = new byte[1024];
        int count;
        while ((count = await socket.ReceiveAsync(buffer, cancellation)) > 0) text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        return text.ToString();
    }
}
