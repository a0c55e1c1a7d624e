using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Sidecar.Tests;

/// <summary>Limits of connection pools on the wire.</summary>
public sealed class ConnectionPoolTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_over_the_limit_are_shed_at_once_as_503_UO()
    {
        await using var gate = new GatedApp();
        await using var app = await TestApp.StartAsync(gate.HandleAsync);
        await using var sidecar = await TestSidecar.StartAsync(Config(new() { MaxRequests = 2 }, app.Port), logged: true);
        using var client = sidecar.Client();
        var held = new[] { client.GetAsync("http://reviews/", Cancel), client.GetAsync("http://reviews/", Cancel) };
        await gate.EnteredAsync(2);

        using var shed = await client.GetAsync("http://reviews/", Cancel);
        gate.Open();

        Assert.Equal(503, (int)shed.StatusCode);
        Assert.Equal("true", shed.Headers.GetValues("x-envoy-overloaded").Single());
        foreach (var one in held) Assert.Equal(200, (int)(await one).StatusCode);
        Assert.Contains("\" 503 UO upstream_reset_before_response_started{overflow}", string.Join('\n', await sidecar.LogLinesAsync(3)), StringComparison.Ordinal);
        Assert.Equal(200, (int)(await client.GetAsync("http://reviews/", Cancel)).StatusCode);
        using var admin = sidecar.ControlClient(0);
        Assert.Contains(
            "envoy_cluster_upstream_rq_pending_overflow{cluster_name=\"outbound|9080||reviews.default.svc.cluster.local\"} 1",
            await admin.GetStringAsync("/stats", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_wait_for_one_of_few_connections()
    {
        var (inside, most) = (0, 0);
        await using var app = await TestApp.StartAsync(async c =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            await c.Response.WriteAsync("ok");
        });
        await using var sidecar = await TestSidecar.StartAsync(Config(new() { MaxConnections = 1 }, app.Port));
        using var client = sidecar.Client();

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => client.GetStringAsync("http://reviews/", Cancel)));

        Assert.All(answers, answer => Assert.Equal("ok", answer));
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task Of_those_that_wait_too_many_are_shed()
    {
        await using var gate = new GatedApp();
        await using var app = await TestApp.StartAsync(gate.HandleAsync);
        await using var sidecar = await TestSidecar.StartAsync(Config(new() { MaxConnections = 1, MaxPendingRequests = 1 }, app.Port));
        using var client = sidecar.Client();
        var first = client.GetAsync("http://reviews/", Cancel);
        await gate.EnteredAsync(1);
        var others = Enumerable.Range(0, 5).Select(_ => client.GetAsync("http://reviews/", Cancel)).ToList();
        await Mesh.Testing.Eventually.True(() => others.Count(one => one.IsCompleted) == 4, "four to be shed");
        gate.Open();

        var statuses = (await Task.WhenAll(others)).Select(response => (int)response.StatusCode).Order();
        Assert.Equal([200, 503, 503, 503, 503], statuses);
        Assert.Equal(200, (int)(await first).StatusCode);
    }

    [Fact]
    public async Task A_request_does_not_wait_longer_than_its_timeout()
    {
        await using var gate = new GatedApp();
        await using var app = await TestApp.StartAsync(gate.HandleAsync);
        await using var sidecar = await TestSidecar.StartAsync(Config(new() { MaxConnections = 1 }, app.Port));
        using var client = sidecar.Client();
        var first = client.GetAsync("http://reviews/", Cancel);
        await gate.EnteredAsync(1);

        using var impatient = new HttpRequestMessage(HttpMethod.Get, "http://reviews/") { Headers = { { "x-envoy-upstream-rq-timeout-ms", "300" } } };
        Assert.Equal(504, (int)(await client.SendAsync(impatient, Cancel)).StatusCode);
        Assert.Equal(1, gate.Entered);

        gate.Open();
        Assert.Equal(200, (int)(await first).StatusCode);
    }

    [Fact]
    public async Task Retries_under_way_are_limited_though_the_budget_allows_more()
    {
        var calls = 0;
        await using var app = await TestApp.StartAsync(c =>
        {
            Interlocked.Increment(ref calls);
            c.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var config = Config(new() { MaxRetries = 0 }, app.Port)
            .WithRoute("reviews", route => route with { Retry = new RetryPolicy { Attempts = 3, RetryOn = [RetryCondition.FiveXx] } });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        Assert.Equal(503, (int)(await client.GetAsync("http://reviews/", Cancel)).StatusCode);
        Assert.Equal(1, calls);
    }

    [Theory]
    [InlineData(1, 6)]
    [InlineData(2, 3)]
    [InlineData(100, 1)]
    public async Task A_connection_carries_no_more_requests_than_told(int most, int connections)
    {
        var seen = new ConcurrentDictionary<string, int>();
        await using var app = await TestApp.StartAsync(c =>
        {
            seen.AddOrUpdate(c.Connection.Id, 1, (_, count) => count + 1);
            return c.Response.WriteAsync("ok");
        });
        await using var sidecar = await TestSidecar.StartAsync(Config(new() { MaxRequestsPerConnection = most }, app.Port));
        using var client = sidecar.Client();

        for (var i = 0; i < 6; i++) await client.GetStringAsync("http://reviews/", Cancel);

        Assert.Equal(connections, seen.Count);
        Assert.All(seen.Values, count => Assert.True(count <= most));
    }

    [Fact]
    public async Task Idle_connections_are_closed_when_told()
    {
        var closed = 0;
        await using var app = await TestApp.StartAsync(c =>
        {
            c.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionLifetimeFeature>()!.ConnectionClosed.Register(() => Interlocked.Increment(ref closed));
            return c.Response.WriteAsync("ok");
        });
        await using var sidecar = await TestSidecar.StartAsync(Config(new() { IdleTimeout = TimeSpan.FromMilliseconds(300) }, app.Port));
        using var client = sidecar.Client();
        await client.GetStringAsync("http://reviews/", Cancel);

        await Mesh.Testing.Eventually.True(() => Volatile.Read(ref closed) == 1, "the idle connection to be closed");
    }

    [Fact]
    public async Task Requests_are_upgraded_to_http2_when_told()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync(c.Request.Protocol), HttpProtocols.Http2);
        await using var sidecar = await TestSidecar.StartAsync(Config(new() { UpgradeToHttp2 = true }, app.Port));
        using var client = sidecar.Client();

        Assert.Equal("HTTP/2", await client.GetStringAsync("http://reviews/", Cancel));
    }

    [Fact]
    public async Task The_clients_protocol_is_spoken_on_when_told()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync(c.Request.Protocol), HttpProtocols.Http2);
        await using var sidecar = await TestSidecar.StartAsync(Config(new() { UseClientProtocol = true }, app.Port));
        using var client = sidecar.Client(HttpVersion.Version20);

        Assert.Equal("HTTP/2", await client.GetStringAsync("http://reviews/", Cancel));
    }

    [Fact]
    public async Task No_more_streams_than_told_share_a_connection()
    {
        await using var gate = new GatedApp();
        var connections = new ConcurrentDictionary<string, int>();
        await using var app = await TestApp.StartAsync(
            c =>
            {
                connections.AddOrUpdate(c.Connection.Id, 1, (_, count) => count + 1);
                return gate.HandleAsync(c);
            }, HttpProtocols.Http2);
        await using var sidecar = await TestSidecar.StartAsync(Config(new() { UpgradeToHttp2 = true, MaxConcurrentStreams = 2 }, app.Port));
        using var client = sidecar.Client();
        var requests = Enumerable.Range(0, 6).Select(_ => client.GetAsync("http://reviews/", Cancel)).ToArray();
        await gate.EnteredAsync(6);
        gate.Open();
        await Task.WhenAll(requests);

        Assert.Equal([2, 2, 2], connections.Values);
    }

    [Fact]
    public async Task Opaque_connections_over_the_limit_are_closed_with_UO()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            var buffer = new byte[16];
            for (int count; (count = await socket.ReceiveAsync(buffer, cancellation)) > 0;) await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
        });
        await using var sidecar = await TestSidecar.StartAsync(Config(new() { MaxConnections = 1 }, AppProtocol.Tcp, server.Port), logged: true);
        using (var first = await sidecar.ConnectOutboundAsync())
        {
            Assert.Equal("a", await EchoAsync(first, "a"));
            var refusal = await Record.ExceptionAsync(async () =>
            {
                using var second = await sidecar.ConnectOutboundAsync();
                await EchoAsync(second, "b");
            });
            Assert.True(refusal is IOException or SocketException, $"not {refusal}");
            Assert.Contains(" UO ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
        }

        await sidecar.LogLinesAsync(2);
        using var third = await sidecar.ConnectOutboundAsync();
        Assert.Equal("c", await EchoAsync(third, "c"));
    }

    [Fact]
    public async Task Keep_alive_of_connections_is_set_as_told()
    {
        await using var app = RawServer.Answering("");
        using var socket = await Mesh.Sidecar.Connections.UpstreamDial.ConnectAsync(
            new IPEndPoint(IPAddress.Loopback, app.Port), toApplication: false, TimeSpan.FromSeconds(5), TimeProvider.System, Cancel,
            new TcpKeepAlive { Probes = 4, Time = TimeSpan.FromSeconds(30), Interval = TimeSpan.FromMilliseconds(1500) });

        Assert.Equal(4, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount));
        Assert.Equal(30, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
        Assert.Equal(2, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval));
    }

    [Fact]
    public async Task New_limits_hold_at_once()
    {
        var seen = new ConcurrentDictionary<string, int>();
        await using var app = await TestApp.StartAsync(c =>
        {
            seen.TryAdd(c.Connection.Id, 1);
            return c.Response.WriteAsync("ok");
        });
        var config = Config(new(), app.Port);
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();
        for (var i = 0; i < 3; i++) await client.GetStringAsync("http://reviews/", Cancel);
        Assert.Single(seen);
        sidecar.Apply(Config(new() { MaxRequestsPerConnection = 1 }, app.Port) with { Revision = 2 });
        for (var i = 0; i < 3; i++) await client.GetStringAsync("http://reviews/", Cancel);

        Assert.Equal(4, seen.Count);
    }

    private static async Task<string> EchoAsync(TcpClient client, string text)
    {
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(text), Cancel);
        var buffer = new byte[text.Length];
        await client.GetStream().ReadExactlyAsync(buffer, Cancel);
        return System.Text.Encoding.ASCII.GetString(buffer);
    }

    private static SidecarConfig Config(ConnectionPool pool, int port) => Config(pool, AppProtocol.Http, port);

    private static SidecarConfig Config(ConnectionPool pool, AppProtocol protocol, int port)
    {
        var config = new SidecarConfig().WithService("reviews", 9080, protocol, port);
        return config with { Clusters = [.. config.Clusters.Select(cluster => cluster with { Pool = pool })] };
    }

    /// <summary>Lets nobody out until opened.</summary>
    private sealed class GatedApp : IAsyncDisposable
    {
        private readonly TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int entered;

        public int Entered => Volatile.Read(ref entered);

        public async Task HandleAsync(HttpContext context)
        {
            Interlocked.Increment(ref entered);
            await open.Task.WaitAsync(context.RequestAborted);
        }

        public Task EnteredAsync(int count) => Mesh.Testing.Eventually.True(() => Volatile.Read(ref entered) == count, $"{count} requests to arrive");

        public void Open() => open.TrySetResult();

        public ValueTask DisposeAsync()
        {
            Open();
            return default;
        }
    }
}
