using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

/// <summary>Ports of the pod whose application listens elsewhere (a Sidecar's defaultEndpoint).</summary>
public sealed class InboundEndpointTests
{
    private const int Port = 7000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_go_where_the_application_listens_and_keep_their_port_in_the_log()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync($"{c.Request.Host} {c.Connection.LocalPort}"));
        await using var sidecar = await StartAsync(AppProtocol.Http, $"127.0.0.1:{app.Port}");
        using var client = sidecar.InboundClient();

        Assert.Equal($"reviews {app.Port}", await client.GetStringAsync("http://reviews/", Cancel));
        var line = (await sidecar.LogLinesAsync(1))[0];
        Assert.Contains($" inbound|{Port}|| ", line, StringComparison.Ordinal);
        Assert.Contains($"\"127.0.0.1:{app.Port}\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opaque_connections_do_too()
    {
        await using var server = EchoOnce();
        await using var sidecar = await StartAsync(AppProtocol.Tcp, $"127.0.0.1:{server.Port}");
        Assert.Equal("hello", await EchoedAsync(sidecar, "hello"));
    }

    [Theory]
    [InlineData(AppProtocol.Http, false)]
    [InlineData(AppProtocol.Http, true)]
    [InlineData(AppProtocol.Tcp, false)]
    public async Task The_application_may_listen_on_a_socket_of_its_machine(AppProtocol protocol, bool isAbstract)
    {
        var name = $"mesh-test-{Guid.NewGuid():n}";
        var path = isAbstract ? "\0" + name : Path.Combine(Path.GetTempPath(), name);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var serving = ServeAsync(listener);
        await using var sidecar = await StartAsync(protocol, isAbstract ? $"unix://@{name}" : $"unix://{path}");

        if (protocol == AppProtocol.Tcp)
        {
            Assert.Equal("hello", await EchoedAsync(sidecar, "hello"));
        }
        else
        {
            using var client = sidecar.InboundClient();
            Assert.Equal("ok", await client.GetStringAsync("http://reviews/", Cancel));
            // Who is told more: the next request goes over the connection that is there.
            Assert.Equal("ok", await client.GetStringAsync("http://reviews/", Cancel));
        }

        listener.Dispose();
        Assert.Equal(1, await serving);
        if (!isAbstract) File.Delete(path);
    }

    [Fact]
    public async Task A_socket_that_is_not_there_is_a_503_that_says_so()
    {
        await using var sidecar = await StartAsync(AppProtocol.Http, "unix:///nowhere/app.sock");
        using var client = sidecar.InboundClient();
        using var answer = await client.GetAsync("http://reviews/", Cancel);
        Assert.Equal(503, (int)answer.StatusCode);
        Assert.Contains("no such socket", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("\" 503 UF", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_endpoint_holds_for_the_next_request()
    {
        await using var first = await TestApp.StartAsync(c => c.Response.WriteAsync("first"));
        await using var second = await TestApp.StartAsync(c => c.Response.WriteAsync("second"));
        await using var sidecar = await StartAsync(AppProtocol.Http, $"127.0.0.1:{first.Port}");
        using var client = sidecar.InboundClient();
        Assert.Equal("first", await client.GetStringAsync("http://reviews/", Cancel));

        sidecar.Apply(Config(AppProtocol.Http, $"127.0.0.1:{second.Port}") with { Revision = 2 });
        Assert.Equal("second", await client.GetStringAsync("http://reviews/", Cancel));
    }

    [Fact]
    public async Task What_arrives_over_the_limit_is_shed_at_once_as_503_UO()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await TestApp.StartAsync(async c =>
        {
            entered.TrySetResult();
            await held.Task;
            await c.Response.WriteAsync("ok");
        });
        await using var sidecar = await StartAsync(AppProtocol.Http, $"127.0.0.1:{app.Port}", new ConnectionPool { MaxRequests = 1 });
        using var client = sidecar.InboundClient();
        var first = client.GetStringAsync("http://reviews/", Cancel);
        await entered.Task;

        using var shed = await client.GetAsync("http://reviews/", Cancel);
        held.SetResult();

        Assert.Equal(503, (int)shed.StatusCode);
        Assert.Equal("true", shed.Headers.GetValues("x-envoy-overloaded").Single());
        Assert.Equal("ok", await first);
        Assert.Contains(await sidecar.LogLinesAsync(2), line => line.Contains($" UO ", StringComparison.Ordinal) && line.Contains($"inbound|{Port}||", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Opaque_connections_over_the_limit_are_closed()
    {
        await using var server = EchoOnce();
        await using var sidecar = await StartAsync(AppProtocol.Tcp, $"127.0.0.1:{server.Port}", new ConnectionPool { MaxConnections = 1 });
        using var first = await sidecar.ConnectInboundAsync();
        await Mesh.Testing.Eventually.True(() => server.Accepted == 1, "the first connection to be there");

        using var second = await sidecar.ConnectInboundAsync();
        var closed = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            if (await second.GetStream().ReadAsync(new byte[1], Cancel) == 0) throw new EndOfStreamException();
        });
        Assert.True(closed is IOException, closed.ToString());
        Assert.Equal(1, server.Accepted);
        Assert.Contains(" UO ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    private static SidecarConfig Config(AppProtocol protocol, string endpoint, ConnectionPool? pool = null) => new()
    {
        Inbound = new InboundConfig { Ports = [new InboundPort { Port = Port, Protocol = protocol, Endpoint = endpoint, Pool = pool }] },
    };

    private static async Task<TestSidecar> StartAsync(AppProtocol protocol, string endpoint, ConnectionPool? pool = null)
    {
        var sidecar = await TestSidecar.StartAsync(Config(protocol, endpoint, pool), logged: true);
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.1.0.9"), Port);
        return sidecar;
    }

    private static RawServer EchoOnce() => new(async (socket, cancellation) =>
    {
        var buffer = new byte[64];
        var count = await socket.ReceiveAsync(buffer, cancellation);
        await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
    });

    private static async Task<string> EchoedAsync(TestSidecar sidecar, string text)
    {
        using var connection = await sidecar.ConnectInboundAsync();
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), Cancel);
        var buffer = new byte[64];
        return Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, Cancel));
    }

    // Answers requests, and anything else with itself; the number of connections it took.
    private static async Task<int> ServeAsync(Socket listener)
    {
        var taken = 0;
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(Cancel);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return taken;
            }

            taken++;
            _ = AnswerAsync(socket);
        }
    }

    private static async Task AnswerAsync(Socket socket)
    {
        using var held = socket;
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, SocketFlags.None) is var count and > 0)
        {
            var isHttp = buffer.AsSpan(0, count).StartsWith("GET "u8);
            await socket.SendAsync(isHttp ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray() : buffer.AsMemory(0, count), SocketFlags.None);
        }
    }
}
