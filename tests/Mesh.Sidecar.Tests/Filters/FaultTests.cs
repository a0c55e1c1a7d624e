using System.Net;
using System.Net.Http.Headers;
using Mesh.Config;
using Mesh.Sidecar.Filters;
using Mesh.Sidecar.Telemetry;
using Mesh.Sidecar.Routing;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.Filters;

public sealed class FaultTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(7);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_delayed_request_goes_on_after_the_delay()
    {
        var time = new FakeTimeProvider();
        var exchange = Exchange(new Fault { Delay = Delay, DelayPercent = 100 });

        var going = new FaultFilter(new Random(1), time).InvokeAsync(exchange).AsTask();

        time.Advance(Delay - TimeSpan.FromMilliseconds(1));
        Assert.False(going.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await going.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Assert.Null(exchange.Rejection);
        Assert.Equal(ResponseFlag.DI, exchange.Flags);
    }

    [Fact]
    public async Task An_abort_may_come_after_the_delay()
    {
        var time = new FakeTimeProvider();
        var exchange = Exchange(new Fault { Delay = Delay, DelayPercent = 100, AbortStatus = 418, AbortPercent = 100 });

        var going = new FaultFilter(new Random(1), time).InvokeAsync(exchange).AsTask();

        Assert.Null(exchange.Rejection);
        time.Advance(Delay);
        await going.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Assert.Equal(418, exchange.Rejection!.Status);
        Assert.Equal(ResponseFlag.DI | ResponseFlag.FI, exchange.Flags);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(100, 100_000, 100_000)]
    [InlineData(25, 24_400, 25_600)]
    [InlineData(0.5, 400, 600)]
    [InlineData(0.01, 2, 25)]
    public async Task Of_many_requests_the_percentage_is_aborted(double percent, int least, int most)
    {
        var filter = new FaultFilter(new Random(1), TimeProvider.System);
        var route = RouteWith(new Fault { AbortStatus = 500, AbortPercent = percent });
        var aborted = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var exchange = TestExchange.Of();
            exchange.Route = route;
            await filter.InvokeAsync(exchange);
            if (exchange.Rejection is not null) aborted++;
        }

        Assert.InRange(aborted, least, most);
    }

    [Fact]
    public void Without_chance_for_it_a_request_does_not_wait()
    {
        var exchange = Exchange(new Fault { Delay = Delay, DelayPercent = 0 });

        Assert.True(new FaultFilter(new Random(1), new FakeTimeProvider()).InvokeAsync(exchange).IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_aborted_request_never_reaches_the_endpoint(int major)
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var sidecar = await TestSidecar.StartAsync(Config(server.Port, new Fault { AbortStatus = 555, AbortPercent = 100 }), logged: true);
        using var client = sidecar.Client(new Version(major, major == 1 ? 1 : 0));

        using var response = await client.GetAsync("http://reviews/", Cancel);

        Assert.Equal(555, (int)response.StatusCode);
        Assert.Equal("fault filter abort", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(0, server.Accepted);
        Assert.Contains("\" 555 FI fault_filter_abort ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503, null, "14")]
    [InlineData(null, 8, "8")]
    public async Task An_aborted_gRPC_call_reads_a_status_of_headers_alone(int? status, int? grpcStatus, string expected)
    {
        await using var sidecar = await TestSidecar.StartAsync(Config(RawServer.ClosedPort(), new Fault { AbortStatus = status, AbortGrpcStatus = grpcStatus, AbortPercent = 100 }));
        using var client = sidecar.Client(HttpVersion.Version20);
        using var content = new ByteArrayContent([0, 0, 0, 0, 0]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

        using var response = await client.PostAsync("http://reviews/x.Y/Z", content, Cancel);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(expected, response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("fault filter abort", response.Headers.GetValues("grpc-message").Single());
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task A_client_that_leaves_during_the_delay_is_logged_as_gone()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var sidecar = await TestSidecar.StartAsync(Config(server.Port, new Fault { Delay = TimeSpan.FromHours(1), DelayPercent = 100 }), logged: true);
        using var client = sidecar.Client();
        client.Timeout = TimeSpan.FromMilliseconds(500);

        await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync("http://reviews/", Cancel));

        Assert.Contains("\" 0 DC,DI downstream_remote_disconnect", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
        Assert.Equal(0, server.Accepted);
    }

    [Fact]
    public async Task Timeout_and_retries_do_not_apply_to_a_route_with_faults()
    {
        var calls = 0;
        await using var app = await TestApp.StartAsync(async c =>
        {
            calls++;
            await Task.Delay(400, c.RequestAborted); // longer than the timeout: were it applied, the answer would be 504
            c.Response.StatusCode = 503;
        });
        var config = Config(app.Port, new Fault { AbortStatus = 500, AbortPercent = 0 }).WithRoute("reviews", route => route with
        {
            Timeout = TimeSpan.FromMilliseconds(100), Retry = new RetryPolicy { Attempts = 3, RetryOn = [RetryCondition.FiveXx] },
        });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/", Cancel);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal(1, calls);
    }

    private static Exchange Exchange(Fault fault)
    {
        var exchange = TestExchange.Of();
        exchange.Route = RouteWith(fault);
        return exchange;
    }

    private static CompiledRoute RouteWith(Fault fault) => new(TestConfig.RouteTo("v1") with { Fault = fault });

    private static SidecarConfig Config(int port, Fault fault) => new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, port)
        .WithRoute("reviews", route => route with { Fault = fault });
}
