using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Health;
using Mesh.Sidecar.Identity;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.MutualTls;

public sealed class OutboundMutualTlsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_of_a_request_is_on_the_wire_in_clear_text()
    {
        await using var app = await OkAsync();
        Relay? relay = null;
        await using var pair = await MeshedPair.StartAsync(app.Port, via: port => (relay = new Relay(port)).Port);
        await using var wire = relay!;
        using var client = pair.HttpClient();

        Assert.Equal("ok", await client.GetStringAsync("/a-secret-path", Cancel));
        Assert.True(wire.Saw("outbound_.9080_._.server.default.svc.cluster.local"u8));
        Assert.False(wire.Saw("a-secret-path"u8) || wire.Saw("HTTP/1.1 200"u8));
    }

    [Theory]
    [InlineData(AppProtocol.Http)]
    [InlineData(AppProtocol.Tcp)]
    public async Task A_server_that_is_none_of_the_destinations_is_not_spoken_to_and_the_log_names_both(AppProtocol protocol)
    {
        var heard = 0;
        await using var silent = new RawServer(async (socket, cancellation) => Interlocked.Add(ref heard, await socket.ReceiveAsync(new byte[16], cancellation)));
        await using var pair = await MeshedPair.StartAsync(silent.Port, protocol);
        pair.Server.Sidecar.Identity.Put(pair.Authority.Identity("impostor"));

        await FailsAsync(pair, protocol);

        Assert.Equal(0, heard);
        var line = (await pair.Client.LogLinesAsync(1))[0];
        Assert.Contains(" UF", line, StringComparison.Ordinal);
        Assert.Contains($"\"TLS: the server is {TestIdentities.Id("impostor")}, expected one of {TestIdentities.Id("server")}\"", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AppProtocol.Http)]
    [InlineData(AppProtocol.Tcp)]
    public async Task A_server_of_another_root_is_not_spoken_to(AppProtocol protocol)
    {
        var heard = 0;
        await using var silent = new RawServer(async (socket, cancellation) => Interlocked.Add(ref heard, await socket.ReceiveAsync(new byte[16], cancellation)));
        await using var pair = await MeshedPair.StartAsync(silent.Port, protocol);
        using var foreign = new TestAuthority();
        pair.Server.Sidecar.Identity.Put(foreign.Identity("server"));

        await FailsAsync(pair, protocol);

        Assert.Equal(0, heard);
        Assert.Contains("\"TLS: ", (await pair.Client.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AppProtocol.Http)]
    [InlineData(AppProtocol.Tcp)]
    public async Task A_member_that_takes_no_mutual_TLS_after_all_is_a_connect_failure(AppProtocol protocol)
    {
        await using var echo = Echo();
        await using var pair = await MeshedPair.StartAsync(echo.Port, protocol, via: _ => echo.Port);

        await FailsAsync(pair, protocol);

        var line = (await pair.Client.LogLinesAsync(1))[0];
        Assert.Contains(" UF", line, StringComparison.Ordinal);
        Assert.Contains("\"TLS: ", line, StringComparison.Ordinal);
        Assert.True(pair.Client.Sidecar.State.Current!.FindCluster(ClusterNames.Outbound(9080, "", SidecarConfig.Fqdn("server")))!.Pool.Members[0].State.ConnectFailures > 0);
        await Eventually.True(() => pair.Client.Sidecar.State.Current!.Clusters.SelectMany(cluster => cluster.Pool.Members).All(member => member.State.Connections == 0), "no connection is counted any more");
    }

    [Fact]
    public async Task Without_a_certificate_of_its_own_a_member_in_mutual_TLS_is_not_spoken_to()
    {
        await using var echo = Echo();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var address = new IPEndPoint(IPAddress.Loopback, echo.Port);
        await socket.ConnectAsync(address, Cancel);
        var client = new MutualTlsClient(new IdentityState(), TimeProvider.System);

        var failure = await Assert.ThrowsAsync<ConnectFailedException>(async () => await client.AuthenticateAsync(
            new NetworkStream(socket), address, new UpstreamTls("outbound_.1_._.server", [], TlsVersion.Tls12), MutualTlsClient.Tcp, TimeSpan.FromSeconds(1), Cancel));
        Assert.Equal("TLS: this sidecar has no certificate yet", failure.Reason);
    }

    [Theory]
    [InlineData(AppProtocol.Http)]
    [InlineData(AppProtocol.Tcp)]
    public async Task Another_member_is_tried_when_one_proves_the_wrong_identity(AppProtocol protocol)
    {
        await using var app = await OkAsync();
        await using var pair = await MeshedPair.StartAsync(app.Port, protocol);
        await using var impostor = await TestSidecar.StartAsync(MeshedPair.ServerConfig(app.Port, protocol, MutualTlsMode.Strict));
        impostor.Sidecar.Identity.Put(pair.Authority, "impostor");
        var config = MeshedPair.ClientConfig(protocol, true, pair.Server.Sidecar.InboundPort, impostor.Sidecar.InboundPort)
            .WithRoute("server", route => route with { Retry = new RetryPolicy { Attempts = 2, RetryOn = [RetryCondition.ConnectFailure] } });
        pair.Client.Apply(config with { Revision = 2 });
        using var client = pair.HttpClient();
        for (var i = 0; i < 6; i++)
        {
            if (protocol == AppProtocol.Http) Assert.Equal("ok", await client.GetStringAsync("/", Cancel));
            else Assert.StartsWith("HTTP/1.1 200", await AskAsync(pair.Client, "GET / HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_member_that_starts_or_stops_to_take_mutual_TLS_fails_no_request_whoever_learns_of_it_first(bool serverFirst)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var app = await OkAsync();
        Relay? relay = null;
        await using var pair = await MeshedPair.StartAsync(app.Port, mode: MutualTlsMode.Strict, via: port => (relay = new Relay(port)).Port, time: clock);
        await using var wire = relay!;
        pair.Client.Apply(MeshedPair.ClientConfig(AppProtocol.Http, true, wire.Port).Patient() with { Revision = 2 });
        using var client = pair.HttpClient();
        var requests = 0;
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var answer = await client.GetAsync("/", Cancel);
                Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
                Interlocked.Increment(ref requests);
            }
        }).ToArray();
        for (var revision = 3; revision < 9; revision++)
        {
            var disabled = revision % 2 == 1;
            Action[] steps =
            [
                () => pair.Server.Apply(MeshedPair.ServerConfig(app.Port, AppProtocol.Http, disabled ? MutualTlsMode.Disable : MutualTlsMode.Strict) with { Revision = revision }),
                () => pair.Client.Apply(MeshedPair.ClientConfig(AppProtocol.Http, !disabled, wire.Port).Patient() with { Revision = revision }),
            ];
            var before = wire.Connections;
            foreach (var step in serverFirst ? steps : steps.Reverse())
            {
                step();
                await GoesOnAsync();
                clock.Advance(TimeSpan.FromSeconds(1)); // they learn of it this far apart
                await GoesOnAsync();
            }

            clock.Advance(TransportSwitch.Delay);
            await GoesOnAsync();
            await Eventually.True(() => wire.Connections > before, "connections of the new kind");
            await GoesOnAsync();
            clock.Advance(InboundModes.Overlap);
            await GoesOnAsync();
            await Eventually.True(() => pair.Client.Sidecar.Clients.Count == 1, "the connections of before are let go");
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.True(wire.Saw("HTTP/1.1 200"u8)); // while it was disabled

        async Task GoesOnAsync()
        {
            var before = Volatile.Read(ref requests);
            await Eventually.True(() =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(1)); // a hello that comes in two pieces is looked at again after so long
                return Volatile.Read(ref requests) > before + 20 || load.Any(task => task.IsCompleted);
            }, "requests go on", TimeSpan.FromMinutes(1));
            foreach (var one in load.Where(task => task.IsFaulted)) await one;
        }
    }

    [Fact]
    public async Task An_open_request_is_finished_on_the_connection_it_began_on()
    {
        var go = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(async context =>
        {
            await context.Response.WriteAsync("begun, ");
            await context.Response.Body.FlushAsync();
            await go.Task;
            await context.Response.WriteAsync("ended");
        });
        await using var pair = await MeshedPair.StartAsync(app.Port, mode: MutualTlsMode.Permissive);
        using var client = pair.HttpClient();
        using var answer = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Cancel);

        pair.Client.Apply(MeshedPair.ClientConfig(AppProtocol.Http, mutualTls: false, pair.Server.Sidecar.InboundPort) with { Revision = 2 });
        pair.Server.Sidecar.Identity.Put(pair.Authority.Identity("server"));
        go.SetResult();

        Assert.Equal("begun, ended", await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task What_is_expected_of_a_server_follows_the_config_also_for_a_member_that_stays()
    {
        await using var app = await OkAsync();
        await using var pair = await MeshedPair.StartAsync(app.Port);
        using (var client = pair.HttpClient()) Assert.Equal("ok", await client.GetStringAsync("/", Cancel));
        pair.Server.Sidecar.Identity.Put(pair.Authority.Identity("renamed"));
        var config = new SidecarConfig().WithService("server", 9080, AppProtocol.Http, pair.Server.Sidecar.InboundPort).WithMutualTls("server", "renamed");
        pair.Client.Apply(config with { Revision = 2 });
        using var other = pair.HttpClient();
        // The connection that is open lives on; new ones, which many requests at once need, expect the new name.
        await Parallel.ForAsync(0, 32, Cancel, async (_, cancellation) => Assert.Equal("ok", await other.GetStringAsync("/", cancellation)));
    }

    [Fact]
    public async Task A_member_of_a_headless_service_is_found_by_its_address_and_spoken_to_in_mutual_TLS()
    {
        await using var echo = Echo();
        await using var pair = await MeshedPair.StartAsync(echo.Port, AppProtocol.Tcp, MutualTlsMode.Strict);
        var config = MeshedPair.ClientConfig(AppProtocol.Tcp, true, pair.Server.Sidecar.InboundPort);
        pair.Client.Apply(config with { Revision = 2, Clusters = [config.Clusters[0] with { Discovery = Discovery.OriginalDestination }], Outbound = AnyAddress(config.Outbound, pair.Server.Sidecar.InboundPort) });
        pair.Client.Destination = new IPEndPoint(IPAddress.Loopback, pair.Server.Sidecar.InboundPort);

        Assert.Equal("hello", await AskAsync(pair.Client, "hello"));
    }

    [Fact]
    public async Task A_member_that_is_always_to_be_reached_in_mutual_TLS_never_gets_clear_text()
    {
        await using var echo = Echo();
        var config = MeshedPair.ClientConfig(AppProtocol.Tcp, mutualTls: false, echo.Port);
        await using var sidecar = await TestSidecar.StartAsync(config with { Clusters = [config.Clusters[0] with { MutualTls = ClientMutualTls.Always }] }, logged: true);
        using var authority = new TestAuthority();
        sidecar.Sidecar.Identity.Put(authority, "client");
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.1"), MeshedPair.Port);

        await Assert.ThrowsAnyAsync<SocketException>(() => AskAsync(sidecar, "hello"));
        Assert.Contains("\"TLS: ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_told_never_to_speak_mutual_TLS_does_not()
    {
        await using var echo = Echo();
        var config = MeshedPair.ClientConfig(AppProtocol.Tcp, mutualTls: true, echo.Port);
        await using var sidecar = await TestSidecar.StartAsync(config with { Clusters = [config.Clusters[0] with { MutualTls = ClientMutualTls.Never }] });
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.1"), MeshedPair.Port);

        Assert.Equal("hello", await AskAsync(sidecar, "hello"));
    }

    [Fact]
    public async Task Subsets_of_one_port_have_their_own_server_names_and_expect_the_same_identities()
    {
        var host = SidecarConfig.Fqdn("server");
        var config = MeshedPair.ClientConfig(AppProtocol.Http, true, 1234);
        var subset = config.Clusters[0] with { Name = ClusterNames.Outbound(9080, "v1", host), Subset = "v1" };
        await using var sidecar = await TestSidecar.StartAsync(config with { Clusters = [config.Clusters[0], subset] });

        var compiled = sidecar.Sidecar.State.Current!.FindCluster(subset.Name)!;
        Assert.Equal("outbound_.9080_.v1_.server.default.svc.cluster.local", compiled.Tls!.ServerName);
        Assert.Equal("", compiled.Tls.WhyNot(new Mesh.Config.Identity.SpiffeId("cluster.local", "default", "server")));
        Assert.NotEqual("", compiled.Tls.WhyNot(new Mesh.Config.Identity.SpiffeId("cluster.local", "other", "server")));
    }

    [Theory]
    [InlineData(20, "outbound_.9080_.{0}_.server.default.svc.cluster.local")]
    [InlineData(63, "outbound_.9080_._.server.default.svc.cluster.local")]
    public async Task The_longest_name_of_a_subset_does_not_keep_a_connection_from_being_made(int length, string serverName)
    {
        await using var app = await OkAsync();
        await using var pair = await MeshedPair.StartAsync(app.Port);
        var subset = new string('v', length);
        var config = MeshedPair.ClientConfig(AppProtocol.Http, true, pair.Server.Sidecar.InboundPort);
        var named = config.Clusters[0] with { Name = ClusterNames.Outbound(9080, subset, SidecarConfig.Fqdn("server")), Subset = subset };
        config = config with { Revision = 2, Clusters = [config.Clusters[0], named] };
        pair.Client.Apply(config.WithRoute("server", route => route with { Destinations = [new WeightedCluster { Cluster = named.Name }] }));
        using var client = pair.HttpClient();

        Assert.Equal("ok", await client.GetStringAsync("/", Cancel));
        Assert.Contains($" {string.Format(System.Globalization.CultureInfo.InvariantCulture, serverName, subset)} ", (await pair.Server.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_destination_whose_name_fills_a_name_by_itself_is_named_by_its_port() =>
        Assert.Equal("outbound_.80_", UpstreamTls.NameOf(80, "v1", string.Join('.', Enumerable.Repeat(new string('a', 49), 5))));

    private static OutboundConfig AnyAddress(OutboundConfig outbound, int port) => outbound with { Listeners = [outbound.Listeners[0] with { Port = port }] };

    private static async Task FailsAsync(MeshedPair pair, AppProtocol protocol)
    {
        if (protocol == AppProtocol.Tcp)
        {
            await Assert.ThrowsAsync<SocketException>(() => AskAsync(pair.Client, "hello"));
            return;
        }

        using var client = pair.HttpClient();
        using var answer = await client.GetAsync("/", Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    private static async Task<string> AskAsync(TestSidecar sidecar, string text)
    {
        using var client = await sidecar.ConnectOutboundAsync();
        await client.Client.SendAsync(Encoding.ASCII.GetBytes(text), Cancel);
        var buffer = new byte[1024];
        return Encoding.ASCII.GetString(buffer, 0, await client.Client.ReceiveAsync(buffer, Cancel));
    }

    private static Task<TestApp> OkAsync() => TestApp.StartAsync(context => context.Response.WriteAsync("ok"));

    private static RawServer Echo() => new(async (socket, cancellation) =>
    {
        var buffer = new byte[1024];
        for (int count; (count = await socket.ReceiveAsync(buffer, cancellation)) > 0;) await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
    });
}
