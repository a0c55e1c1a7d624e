using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

/// <summary>Members that listen on a socket of the machine instead of an address.</summary>
public sealed class UnixSocketTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("mesh-unix-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Path => System.IO.Path.Combine(directory.FullName, "app.sock");

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requests_go_to_the_socket(bool isAbstract)
    {
        var (address, place) = Place(isAbstract);
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync($"{c.Request.Host.Value}{c.Request.Path}"), listener: Listener(place));
        await using var sidecar = await TestSidecar.StartAsync(Config(AppProtocol.Http, address), logged: true);
        using var client = sidecar.Client();

        for (var i = 0; i < 3; i++) Assert.Equal("reviews/a", await client.GetStringAsync("http://reviews/a", Cancel));

        Assert.Contains($" \"{address[7..]}\" ", (await sidecar.LogLinesAsync(3))[0], StringComparison.Ordinal);
        var member = Assert.Single(sidecar.Sidecar.State.Current!.FindCluster("outbound|9080||reviews.default.svc.cluster.local")!.Pool.Members);
        Assert.Equal((3, 1), (member.State.Requests, member.State.Connections));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bytes_go_to_the_socket_both_ways(bool isAbstract)
    {
        var (address, place) = Place(isAbstract);
        using var listener = Listener(place);
        await using var sidecar = await TestSidecar.StartAsync(Config(AppProtocol.Tcp, address), logged: true);
        using (var client = await sidecar.ConnectOutboundAsync())
        {
            using var server = await listener.AcceptAsync(Cancel);
            await client.Client.SendAsync("ping"u8.ToArray(), Cancel);
            client.Client.Shutdown(SocketShutdown.Send);
            Assert.Equal("ping", await ReadAsync(server));
            await server.SendAsync("pong"u8.ToArray(), Cancel);
            server.Shutdown(SocketShutdown.Send);
            Assert.Equal("pong", await ReadAsync(client.Client));
        }

        Assert.Contains($"\"{address[7..]}\"", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_that_is_not_there_is_503_UF_and_another_member_is_tried()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("tcp"));
        var config = Config(AppProtocol.Http, $"unix://{Path}");
        await using var sidecar = await TestSidecar.StartAsync(config, logged: true);
        using var client = sidecar.Client();

        using var refused = await client.GetAsync("http://reviews/", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains(Path, await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("\" 503 UF ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);

        var both = config.WithRoute("reviews", route => route with { Retry = new RetryPolicy { Attempts = 1, RetryOn = [RetryCondition.ConnectFailure] } });
        sidecar.Apply(both with
        {
            Revision = 2,
            Endpoints = [.. both.Endpoints.Select(group => group with { Endpoints = group.Endpoints.Add(new Mesh.Config.Endpoint { Address = "127.0.0.1", Port = app.Port }) })],
        });
        for (var i = 0; i < 4; i++) Assert.Equal("tcp", await client.GetStringAsync("http://reviews/", Cancel));
    }

    [Fact]
    public async Task A_health_check_asks_at_the_socket()
    {
        var (address, place) = Place(isAbstract: true);
        var asked = 0;
        await using var app = await TestApp.StartAsync(c => c.Request.Path == "/healthz" ? Count(c) : c.Response.WriteAsync("well"), listener: Listener(place));
        var config = Config(AppProtocol.Http, address);
        var check = new HealthCheck { Probe = HealthProbe.Http, Path = "/healthz", Interval = TimeSpan.FromMilliseconds(50), Timeout = TimeSpan.FromSeconds(5), InitiallyHealthy = false };
        await using var sidecar = await TestSidecar.StartAsync(config with { Clusters = [.. config.Clusters.Select(cluster => cluster with { HealthCheck = check })] });
        using var client = sidecar.Client();

        await Mesh.Testing.Eventually.Passes(async () => Assert.Equal("well", await client.GetStringAsync("http://reviews/", Cancel)), "the member to be well");
        Assert.True(Volatile.Read(ref asked) > 0);

        Task Count(HttpContext context)
        {
            Interlocked.Increment(ref asked);
            return context.Response.WriteAsync("ok");
        }
    }

    [Theory]
    [InlineData("unix://run/app.sock")]
    [InlineData("unix:///run/")]
    [InlineData("unix://@")]
    [InlineData("unix://")]
    public void What_is_no_socket_is_refused(string address)
    {
        var loader = new TestLoader();
        var config = new TestConfig { Endpoints = [TestConfig.EndpointsOf(TestConfig.Member(address, "v1"))] };

        Assert.NotEqual(Mesh.Sidecar.Config.LoadOutcome.Taken, loader.Load(config));
        Assert.Contains(loader.State.Report.Refused!.Problems, problem => problem.Message.Contains("is no socket", StringComparison.Ordinal));
    }

    private (string Address, UnixDomainSocketEndPoint Place) Place(bool isAbstract)
    {
        var name = $"mesh-test-{Guid.NewGuid():N}";
        return isAbstract ? ($"unix://@{name}", new UnixDomainSocketEndPoint($"\0{name}")) : ($"unix://{Path}", new UnixDomainSocketEndPoint(Path));
    }

    private static Socket Listener(UnixDomainSocketEndPoint place)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(place);
        socket.Listen();
        return socket;
    }

    private static async Task<string> ReadAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[64];
        while (await socket.ReceiveAsync(buffer, Cancel) is > 0 and var count) text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        return text.ToString();
    }

    private static SidecarConfig Config(AppProtocol protocol, string address)
    {
        var config = new SidecarConfig().WithService("reviews", 9080, protocol);
        return config with { Endpoints = [.. config.Endpoints.Select(group => group with { Endpoints = [new Mesh.Config.Endpoint { Address = address, Port = 9080 }] })] };
    }
}
