using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests.MutualTls;

/// <summary>What a handshake costs and when: sessions are resumed, certificates change under load.</summary>
public sealed class SessionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connections_after_the_first_resume_its_session_with_client_certificates_on_both_sides()
    {
        await using var echo = Echo();
        Relay? relay = null;
        await using var pair = await MeshedPair.StartAsync(echo.Port, AppProtocol.Tcp, via: port => (relay = new Relay(port)).Port);
        await using var wire = relay!;
        for (var i = 0; i < 5; i++) Assert.Equal("hello", await AskAsync(pair.Client, "hello"));

        Assert.Equal([false, true, true, true, true], wire.Resumed);
    }

    [Fact]
    public async Task A_new_certificate_begins_a_new_session_and_leaves_the_other_sides_sessions_alone()
    {
        await using var echo = Echo();
        Relay? relay = null;
        await using var pair = await MeshedPair.StartAsync(echo.Port, AppProtocol.Tcp, via: port => (relay = new Relay(port)).Port);
        await using var wire = relay!;
        await AskAsync(pair.Client, "a");
        await AskAsync(pair.Client, "b");
        pair.Client.Sidecar.Identity.Put(pair.Authority.Identity("client"));
        await AskAsync(pair.Client, "c");
        await AskAsync(pair.Client, "d");
        pair.Server.Sidecar.Identity.Put(pair.Authority.Identity("server"));
        await AskAsync(pair.Client, "e");
        await AskAsync(pair.Client, "f");

        Assert.Equal([false, true, false, true, false, true], wire.Resumed);
    }

    [Fact]
    public async Task A_resumed_session_is_held_against_the_roots_and_names_of_today()
    {
        await using var echo = Echo();
        Relay? relay = null;
        await using var pair = await MeshedPair.StartAsync(echo.Port, AppProtocol.Tcp, via: port => (relay = new Relay(port)).Port);
        await using var wire = relay!;
        await AskAsync(pair.Client, "a");
        using var next = new TestAuthority();
        pair.Client.Sidecar.Identity.Put(TestIdentities.Trust(next));

        await Assert.ThrowsAsync<SocketException>(() => AskAsync(pair.Client, "b"));
        Assert.Equal([false, true], wire.Resumed); // taken up on the wire, and still refused
    }

    [Fact]
    public async Task Certificates_that_need_another_between_them_and_the_root_are_verified_and_their_sessions_resume()
    {
        await using var echo = Echo();
        Relay? relay = null;
        await using var pair = await MeshedPair.StartAsync(echo.Port, AppProtocol.Tcp, via: port => (relay = new Relay(port)).Port);
        await using var wire = relay!;
        using var intermediate = pair.Authority.Intermediate();
        foreach (var (sidecar, account) in new[] { (pair.Client, "client"), (pair.Server, "server") })
        {
            Assert.True(Mesh.Config.Identity.SpiffeId.TryParse(TestIdentities.Id(account), out var id));
            sidecar.Sidecar.Identity.Put(new Mesh.Sidecar.Identity.WorkloadIdentity(intermediate.Issue(id.ToString()), intermediate.Roots, id));
        }

        for (var i = 0; i < 3; i++) Assert.Equal("hello", await AskAsync(pair.Client, "hello"));
        Assert.Equal([false, true, true], wire.Resumed);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Certificates_that_change_all_the_time_break_no_request_and_no_connection(string version)
    {
        var http = Version.Parse(version);
        await using var app = await TestApp.StartAsync(
            context => context.Response.WriteAsync("ok"),
            http.Major == 2 ? Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http2 : Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1);
        await using var pair = await MeshedPair.StartAsync(app.Port, http.Major == 2 ? AppProtocol.Http2 : AppProtocol.Http);
        using var client = pair.HttpClient(http);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var requests = 0;
        var load = Enumerable.Range(0, 8).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var answer = await client.GetAsync("/", Cancel);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                Interlocked.Increment(ref requests);
            }
        }).ToArray();

        // Connections of their own, so that handshakes meet each change.
        var shortLived = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var config = MeshedPair.ClientConfig(http.Major == 2 ? AppProtocol.Http2 : AppProtocol.Http, true, pair.Server.Sidecar.InboundPort);
                await using var other = await TestSidecar.StartAsync(config);
                other.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.1"), MeshedPair.Port);
                other.Sidecar.Identity.Put(pair.Authority, "client");
                using var fresh = other.Client(http);
                Assert.Equal("ok", await fresh.GetStringAsync("http://server:9080/", Cancel));
            }
        }, Cancel);
        for (var i = 0; i < 100; i++)
        {
            pair.Server.Sidecar.Identity.Put(pair.Authority.Identity("server"));
            pair.Client.Sidecar.Identity.Put(pair.Authority.Identity("client"));
            await Task.Delay(5, Cancel);
        }

        await stop.CancelAsync();
        await Task.WhenAll([.. load, shortLived]);
        Assert.True(requests > 100, $"only {requests} requests");
    }

    [Fact]
    public async Task Short_connections_under_changing_certificates_all_succeed()
    {
        await using var echo = Echo();
        await using var pair = await MeshedPair.StartAsync(echo.Port, AppProtocol.Tcp);
        using var stop = new CancellationTokenSource();
        var rotating = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                pair.Server.Sidecar.Identity.Put(pair.Authority.Identity("server"));
                pair.Client.Sidecar.Identity.Put(pair.Authority.Identity("client"));
                await Task.Yield();
            }
        }, Cancel);

        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (i, _) => Assert.Equal($"{i}", await AskAsync(pair.Client, $"{i}")));

        await stop.CancelAsync();
        await rotating;
    }

    [Fact]
    public async Task A_change_of_root_with_overlap_breaks_nothing()
    {
        await using var app = await TestApp.StartAsync(context => context.Response.WriteAsync("ok"));
        await using var pair = await MeshedPair.StartAsync(app.Port);
        using var next = new TestAuthority("cluster.local");
        Action[] steps =
        [
            () => pair.Client.Sidecar.Identity.Put(TestIdentities.Trust(pair.Authority, next)),
            () => pair.Server.Sidecar.Identity.Put(TestIdentities.Trust(pair.Authority, next)),
            () => pair.Server.Sidecar.Identity.Put(next.Identity("server")),
            () => pair.Client.Sidecar.Identity.Put(next.Identity("client")),
            () => pair.Client.Sidecar.Identity.Put(TestIdentities.Trust(next)),
            () => pair.Server.Sidecar.Identity.Put(TestIdentities.Trust(next)),
        ];
        for (var revision = 2; revision < 2 + steps.Length; revision++)
        {
            steps[revision - 2]();
            // Another cluster each time: the next request makes a handshake.
            var port = MeshedPair.Port + revision;
            pair.Client.Apply(new SidecarConfig { Revision = revision }.WithService("server", port, AppProtocol.Http, pair.Server.Sidecar.InboundPort).WithMutualTls("server", "server"));
            pair.Client.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.1"), port);
            using var client = pair.Client.Client();
            Assert.Equal("ok", await client.GetStringAsync($"http://server:{port}/", Cancel));
        }
    }

    private static async Task<string> AskAsync(TestSidecar sidecar, string text)
    {
        using var client = await sidecar.ConnectOutboundAsync();
        await client.Client.SendAsync(Encoding.ASCII.GetBytes(text), Cancel);
        var buffer = new byte[1024];
        var answer = Encoding.ASCII.GetString(buffer, 0, await client.Client.ReceiveAsync(buffer, Cancel));
        client.Client.Shutdown(SocketShutdown.Send);
        await client.Client.ReceiveAsync(buffer, Cancel);
        return answer;
    }

    private static RawServer Echo() => new(async (socket, cancellation) =>
    {
        var buffer = new byte[1024];
        for (int count; (count = await socket.ReceiveAsync(buffer, cancellation)) > 0;) await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
    });
}
