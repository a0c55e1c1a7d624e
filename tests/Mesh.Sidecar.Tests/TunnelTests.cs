using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests;

/// <summary>Opaque connections that members carry on to another place.</summary>
public sealed class TunnelTests
{
    private static readonly Tunnel Connect = new() { Host = "db.example.com", Port = 5432 };
    private static readonly Tunnel Post = Connect with { UsesPost = true };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HTTP/1.1 200 Connection established\r\n\r\n")]
    [InlineData("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.0 204 Yes\r\nVia: x\r\n\r\n")]
    public async Task Bytes_pass_once_the_member_agreed(string answer)
    {
        var head = "";
        await using var proxy = new RawServer(async (socket, cancellation) =>
        {
            head = await RawServer.ReadHeadAsync(socket, cancellation);
            await socket.SendAsync(Encoding.ASCII.GetBytes(answer + "hello "), cancellation); // the other end may speak at once
            await EchoAsync(socket, cancellation);
        });
        await using var sidecar = await TestSidecar.StartAsync(Config(Connect, proxy.Port));
        using var client = await sidecar.ConnectOutboundAsync();
        await client.Client.SendAsync("ping"u8.ToArray(), Cancel);
        client.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal("hello ping", await ReadAsync(client));
        Assert.Equal("CONNECT db.example.com:5432 HTTP/1.1\r\nHost: db.example.com:5432\r\n\r\n", head);
    }

    [Theory]
    [InlineData("HTTP/1.1 403 Forbidden\r\n\r\n", " refused: HTTP/1.1 403 Forbidden")]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n", " refused: no HTTP response")]
    [InlineData("", ": the connection was cut before the answer")]
    public async Task A_refusal_ends_the_connection_and_the_log_says_why(string answer, string why)
    {
        await using var proxy = RawServer.Answering(answer);
        await using var sidecar = await TestSidecar.StartAsync(Config(Connect, proxy.Port), logged: true);
        await AssertCutAsync(sidecar);

        var line = (await sidecar.LogLinesAsync(1))[0];
        Assert.Contains(" UF ", line, StringComparison.Ordinal);
        Assert.Contains($"\"tunnel to db.example.com:5432{why}\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_that_does_not_answer_in_time_is_given_up()
    {
        await using var proxy = new RawServer(async (socket, cancellation) => await Task.Delay(Timeout.Infinite, cancellation));
        var config = Config(Connect, proxy.Port);
        await using var sidecar = await TestSidecar.StartAsync(config with { Clusters = [.. config.Clusters.Select(cluster => cluster with { ConnectTimeout = TimeSpan.FromMilliseconds(100) })] }, logged: true);
        await AssertCutAsync(sidecar);

        Assert.Contains("no answer in time", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n", "5;x=y\r\nhello\r\n1\r\n \r\n", "0\r\nTrailer: x\r\n\r\n")]
    [InlineData("Content-Length: 10\r\n", "hello ", "")]
    [InlineData("", "hello ", "")]
    public async Task With_POST_bytes_are_bodies(string framing, string greeting, string end)
    {
        var (head, sent) = ("", "");
        await using var proxy = new RawServer(async (socket, cancellation) =>
        {
            head = await RawServer.ReadHeadAsync(socket, cancellation);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{framing}\r\n{greeting}"), cancellation);
            var buffer = new byte[256];
            while (!sent.EndsWith("0\r\n\r\n", StringComparison.Ordinal)) sent += Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, cancellation));
            await socket.SendAsync(Encoding.ASCII.GetBytes(end.Length > 0 ? $"4\r\npong\r\n{end}" : "pong"), cancellation);
        });
        await using var sidecar = await TestSidecar.StartAsync(Config(Post, proxy.Port));
        using var client = await sidecar.ConnectOutboundAsync();
        await client.Client.SendAsync("ping"u8.ToArray(), Cancel);
        client.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal("hello pong", await ReadAsync(client));
        Assert.Equal("POST / HTTP/1.1\r\nHost: db.example.com:5432\r\nTransfer-Encoding: chunked\r\n\r\n", head);
        Assert.Equal("4\r\nping\r\n0\r\n\r\n", sent);
    }

    [Fact]
    public async Task The_tunnel_may_be_asked_for_in_TLS()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("proxy.example.com");
        var name = "";
        await using var proxy = new RawServer(async (socket, cancellation) =>
        {
            await using var stream = new SslStream(new NetworkStream(socket));
            await stream.AuthenticateAsServerAsync(certificate);
            name = stream.TargetHostName;
            var buffer = new byte[256];
            Assert.StartsWith("CONNECT db.example.com:5432 ", Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, cancellation)), StringComparison.Ordinal);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\nhello"u8.ToArray(), cancellation);
        });
        var config = Config(Connect, proxy.Port);
        await using var sidecar = await TestSidecar.StartAsync(config with
        {
            Clusters = [.. config.Clusters.Select(cluster => cluster with { Tls = new TlsOrigination { Sni = "proxy.example.com", SkipVerification = true }, MutualTls = ClientMutualTls.Never })],
        });
        using var client = await sidecar.ConnectOutboundAsync();

        Assert.Equal("hello", await ReadAsync(client));
        Assert.Equal("proxy.example.com", name);
    }

    [Theory]
    [InlineData("db.example.com\r\nX: y", 5432)]
    [InlineData("", 5432)]
    [InlineData("db.example.com", 0)]
    public void What_would_not_be_a_request_is_refused(string host, int port)
    {
        var cluster = new Cluster { Name = "outbound|1||a", Host = "a", Port = 1, Tunnel = new Tunnel { Host = host, Port = port } };

        Assert.Contains(ProxyConfigValidator.Validate(cluster), problem => problem.Path.Contains("tunnel", StringComparison.Ordinal));
    }

    // The reset may come at any moment, also while the client still connects.
    private static Task AssertCutAsync(TestSidecar sidecar) => Assert.ThrowsAnyAsync<SocketException>(async () =>
    {
        using var client = await sidecar.ConnectOutboundAsync();
        await client.Client.SendAsync("ping"u8.ToArray(), Cancel);
        await ReadAsync(client);
    });

    private static async Task EchoAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[256];
        while (await socket.ReceiveAsync(buffer, cancellation) is > 0 and var count) await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task<string> ReadAsync(TcpClient client)
    {
        var text = new StringBuilder();
        var buffer = new byte[256];
        while (await client.Client.ReceiveAsync(buffer, Cancel) is > 0 and var count) text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        return text.ToString();
    }

    private static SidecarConfig Config(Tunnel tunnel, int port)
    {
        var config = new SidecarConfig().WithService("db", 9080, AppProtocol.Tcp, port);
        return config with { Clusters = [.. config.Clusters.Select(cluster => cluster with { Tunnel = tunnel })] };
    }
}
