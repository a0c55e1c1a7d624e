using System.Net;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

public sealed class DrainTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_in_flight_finishes_and_its_connection_is_closed_after_it()
    {
        var go = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(async c =>
        {
            arrived.TrySetResult();
            await go.Task;
            await c.Response.WriteAsync("finished");
        });
        await using var sidecar = await TestSidecar.StartAsync(Config(app.Port));
        using var client = sidecar.Client();
        var answer = client.GetAsync("http://reviews/", Cancel);
        await arrived.Task;

        var drained = sidecar.Sidecar.DrainAsync();
        Assert.False(drained.IsCompleted);
        go.SetResult();

        using var response = await answer;
        Assert.Equal("finished", await response.Content.ReadAsStringAsync(Cancel));
        Assert.True(response.Headers.ConnectionClose);
        await drained.WaitAsync(Patience, Cancel);
    }

    [Fact]
    public async Task Connections_that_come_while_it_drains_are_served()
    {
        var go = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(async c =>
        {
            if (c.Request.Path == "/slow")
            {
                arrived.TrySetResult();
                await go.Task;
            }

            await c.Response.WriteAsync("ok");
        });
        await using var sidecar = await TestSidecar.StartAsync(Config(app.Port));
        using var first = sidecar.Client();
        var slow = first.GetStringAsync("http://reviews/slow", Cancel);
        await arrived.Task;
        var drained = sidecar.Sidecar.DrainAsync();

        using var late = sidecar.Client();
        using var response = await late.GetAsync("http://reviews/", Cancel);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.True(response.Headers.ConnectionClose);

        go.SetResult();
        Assert.Equal("ok", await slow);
        await drained.WaitAsync(Patience, Cancel);
    }

    [Fact]
    public async Task No_request_is_lost_while_load_goes_on()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("ok"));
        await using var sidecar = await TestSidecar.StartAsync(Config(app.Port));
        using var stop = new CancellationTokenSource();
        var failures = 0;
        var done = 0;
        var load = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            using var client = sidecar.Client();
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await client.GetStringAsync("http://reviews/", Cancel);
                    Interlocked.Increment(ref done);
                }
                catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
                {
                    return; // the door is shut: never began
                }
                catch (HttpRequestException)
                {
                    Interlocked.Increment(ref failures);
                }
            }
        })));
        await Mesh.Testing.Eventually.True(() => Volatile.Read(ref done) > 200, "load");

        var drained = sidecar.Sidecar.DrainAsync();
        await Mesh.Testing.Eventually.True(() => Volatile.Read(ref done) > 600, "load during the drain");
        await stop.CancelAsync();
        await load;
        await drained.WaitAsync(Patience, Cancel);

        Assert.Equal(0, failures);
    }

    [Fact]
    public async Task An_HTTP2_connection_is_told_to_go_away_and_its_streams_finish()
    {
        var go = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(async c =>
        {
            arrived.TrySetResult();
            await go.Task;
            await c.Response.WriteAsync("finished");
        }, Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http2);
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http2, app.Port));
        using var client = sidecar.Client(HttpVersion.Version20);
        var answer = client.GetStringAsync("http://reviews/", Cancel);
        await arrived.Task;

        var drained = sidecar.Sidecar.DrainAsync();
        go.SetResult();

        Assert.Equal("finished", await answer);
        await drained.WaitAsync(Patience, Cancel);
    }

    [Fact]
    public async Task An_idle_connection_does_not_hold_the_drain_up_and_an_opaque_one_is_cut_at_its_end()
    {
        await using var server = new RawServer(async (socket, cancellation) => await socket.ReceiveAsync(new byte[1], cancellation));
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("ok"));
        var config = Config(app.Port).WithService("db", 6379, AppProtocol.Tcp, server.Port);
        await using var sidecar = await TestSidecar.StartAsync(config with { Mesh = config.Mesh with { DrainDuration = TimeSpan.FromSeconds(1) } });
        using var idle = sidecar.Client();
        await idle.GetStringAsync("http://reviews/", Cancel);
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.2"), 6379);
        using var opaque = await sidecar.ConnectOutboundAsync();
        await Mesh.Testing.Eventually.True(() => server.Accepted == 1, "the server has the connection");

        await sidecar.Sidecar.DrainAsync().WaitAsync(Patience, Cancel);
        await sidecar.DisposeAsync();

        await Assert.ThrowsAsync<SocketException>(async () => await opaque.Client.ReceiveAsync(new byte[1], Cancel));
    }

    [Fact]
    public async Task The_pods_own_drain_duration_beats_the_meshs()
    {
        await using var server = new RawServer(async (socket, cancellation) => await socket.ReceiveAsync(new byte[1], cancellation));
        var config = new SidecarConfig().WithService("db", 6379, AppProtocol.Tcp, server.Port);
        await using var sidecar = await TestSidecar.StartAsync(
            config with { Mesh = config.Mesh with { DrainDuration = TimeSpan.FromHours(1) } }, options: given => given with { DrainDuration = TimeSpan.FromMilliseconds(200) });
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.1"), 6379);
        using var opaque = await sidecar.ConnectOutboundAsync();
        await Mesh.Testing.Eventually.True(() => server.Accepted == 1, "the server has the connection");

        await sidecar.Sidecar.DrainAsync().WaitAsync(Patience, Cancel);
    }

    [Fact]
    public async Task Where_it_ends_on_zero_connections_it_waits_a_while_and_then_for_the_last_one()
    {
        var end = new TaskCompletionSource();
        await using var server = new RawServer((_, _) => end.Task);
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        var config = new SidecarConfig().WithService("db", 6379, AppProtocol.Tcp, server.Port);
        await using var sidecar = await TestSidecar.StartAsync(
            config with { Mesh = config.Mesh with { DrainDuration = TimeSpan.FromSeconds(1) } }, clock,
            options: given => given with { ExitsOnZeroConnections = true, MinimumDrainDuration = TimeSpan.FromSeconds(30) });
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.1"), 6379);
        using var opaque = await sidecar.ConnectOutboundAsync();
        await Mesh.Testing.Eventually.True(() => server.Accepted == 1 && sidecar.Sidecar.Drain.Open == 1, "the server has the connection");

        var drained = sidecar.Sidecar.DrainAsync();
        clock.Advance(TimeSpan.FromMinutes(10)); // the mesh's drain duration does not end it
        Assert.False(drained.IsCompleted);
        end.SetResult();
        opaque.Dispose();
        await Mesh.Testing.Eventually.True(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return drained.IsCompleted;
        }, "it ends with its last connection");
    }

    [Fact]
    public async Task Where_it_ends_on_zero_connections_it_goes_on_for_the_least_time_without_any()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var sidecar = await TestSidecar.StartAsync(
            Config(FreePort.Find()), clock, options: given => given with { ExitsOnZeroConnections = true, MinimumDrainDuration = TimeSpan.FromSeconds(30) });

        var drained = sidecar.Sidecar.DrainAsync();
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(drained.IsCompleted);
        await Mesh.Testing.Eventually.True(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return drained.IsCompleted;
        }, "the least time is over");
    }

    [Fact]
    public void The_environment_says_how_a_sidecar_ends()
    {
        var given = new Dictionary<string, string> { ["MESH_TERMINATION_DRAIN_DURATION"] = "1.5s", ["EXIT_ON_ZERO_ACTIVE_CONNECTIONS"] = "true", ["MINIMUM_DRAIN_DURATION"] = "60s" };
        var told = Mesh.Sidecar.Control.SidecarOptions.FromEnvironment(name => given.GetValueOrDefault(name));
        Assert.Equal((TimeSpan.FromSeconds(1.5), true, TimeSpan.FromMinutes(1)), (told.DrainDuration!.Value, told.ExitsOnZeroConnections, told.MinimumDrainDuration));

        var untold = Mesh.Sidecar.Control.SidecarOptions.FromEnvironment(_ => null);
        Assert.Equal((null, false, TimeSpan.FromSeconds(5)), (untold.DrainDuration, untold.ExitsOnZeroConnections, untold.MinimumDrainDuration));
    }

    private static SidecarConfig Config(int port) => new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, port);
}
