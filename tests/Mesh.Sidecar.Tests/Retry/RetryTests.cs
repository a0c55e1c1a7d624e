using System.Diagnostics;
using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Sidecar.Tests.Retry;

/// <summary>Retries through a whole sidecar, over real sockets.</summary>
public sealed class RetryTests : IAsyncDisposable
{
    private static readonly RetryPolicy Default = new()
    {
        Attempts = 2,
        RetryOn = [RetryCondition.ConnectFailure, RetryCondition.RefusedStream, RetryCondition.GrpcUnavailable, RetryCondition.GrpcCancelled],
    };

    private static readonly RetryPolicy On5xx = new() { Attempts = 2, RetryOn = [RetryCondition.FiveXx], BackoffBase = TimeSpan.FromMilliseconds(1) };

    private readonly List<IAsyncDisposable> running = [];
    private readonly List<string> attemptCounts = [];
    private int asked;

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(running)) await part.DisposeAsync();
    }

    [Fact]
    public async Task A_503_is_not_tried_again_by_default()
    {
        var client = await ClientFor(Default, await App(failures: 1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/")).StatusCode);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_covered_response_is_tried_again_until_it_is_good()
    {
        var client = await ClientFor(On5xx, await App(failures: 2));

        var response = await client.GetAsync("/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("good", await response.Content.ReadAsStringAsync());
        Assert.Equal(["1", "2", "3"], attemptCounts);
    }

    [Fact]
    public async Task Without_retries_there_is_one_try()
    {
        var client = await ClientFor(On5xx with { Attempts = 0 }, await App(failures: 1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/")).StatusCode);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task When_all_tries_are_used_up_the_last_response_passes_and_the_log_says_URX()
    {
        var (client, sidecar) = await Logged(On5xx, await App(failures: 99));

        var response = await client.GetAsync("/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("bad", await response.Content.ReadAsStringAsync());
        Assert.Equal(3, asked);
        Assert.Contains(" 503 URX ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retry_goes_to_another_endpoint()
    {
        var client = await ClientFor(On5xx with { Attempts = 1 }, await App(failures: int.MaxValue), await App(failures: 0));
        for (var i = 0; i < 20; i++) Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task An_endpoint_that_refuses_connections_is_passed_over_by_default()
    {
        var client = await ClientFor(Default, ClosedPort(), await App(failures: 0));
        for (var i = 0; i < 20; i++) Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("/", new StringContent("once"))).StatusCode);
        Assert.Equal(20, asked);
    }

    [Fact]
    public async Task A_body_is_sent_again_whole()
    {
        var bodies = new List<byte[]>();
        var port = await App(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            bodies.Add(body.ToArray());
            context.Response.StatusCode = bodies.Count < 3 ? 500 : 200;
        });
        var client = await ClientFor(On5xx, port);
        var sent = new byte[200_000];
        new Random(1).NextBytes(sent);

        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("/", new ByteArrayContent(sent))).StatusCode);
        Assert.Equal(3, bodies.Count);
        Assert.All(bodies, body => Assert.Equal(sent, body));
    }

    [Fact]
    public async Task A_body_too_large_to_keep_is_sent_once()
    {
        var client = await ClientFor(On5xx, await App(failures: 1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.PostAsync("/", new ByteArrayContent(new byte[3_000_000]))).StatusCode);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_try_that_takes_too_long_is_given_up_for_another()
    {
        var port = await App(async context =>
        {
            if (Interlocked.Increment(ref asked) == 1) await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        var client = await ClientFor(On5xx with { PerTryTimeout = TimeSpan.FromMilliseconds(150) }, port);

        var clock = Stopwatch.StartNew();
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).StatusCode);
        Assert.True(clock.Elapsed >= TimeSpan.FromMilliseconds(140), $"the first try had its time: {clock.Elapsed}");
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_try_that_takes_too_long_without_another_left_is_504_UT()
    {
        var port = await App(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var (client, sidecar) = await Logged(On5xx with { Attempts = 1, PerTryTimeout = TimeSpan.FromMilliseconds(50) }, port);

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await client.GetAsync("/")).StatusCode);
        Assert.Contains(" 504 URX,UT ", (await sidecar.LogLinesAsync(1))[0].Replace("UT,URX", "URX,UT", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_timeout_covers_all_tries_and_the_back_off()
    {
        var port = await App(failures: int.MaxValue);
        var patient = On5xx with { Attempts = 1000, BackoffBase = TimeSpan.FromSeconds(20), BackoffMax = TimeSpan.FromSeconds(20) };
        var client = await ClientFor(patient, [port], timeout: TimeSpan.FromMilliseconds(300));

        var clock = Stopwatch.StartNew();
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await client.GetAsync("/")).StatusCode);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.29, 10);
    }

    [Fact]
    public async Task A_response_that_has_begun_is_not_tried_again()
    {
        var arrived = new TaskCompletionSource();
        var port = await App(async context =>
        {
            Interlocked.Increment(ref asked);
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            await arrived.Task; // a reset would throw away what the client has not read yet
            context.Abort();
        });
        var client = await ClientFor(On5xx, port);

        using var response = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
        arrived.SetResult();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_retry_that_the_budget_does_not_allow_is_not_made_and_the_log_says_UO()
    {
        var (client, sidecar) = await Logged(On5xx, await App(failures: 1), new RetryBudget { Percent = 0, MinConcurrency = 0 });

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/")).StatusCode);
        Assert.Equal(1, asked);
        Assert.Contains(" 503 UO ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_budget_with_an_interval_counts_requests_that_have_ended()
    {
        var port = await App(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref asked) is 1 or 4 ? 503 : 200;
            return Task.CompletedTask;
        });
        var client = await ClientFor(On5xx, port, new RetryBudget { Percent = 50, MinConcurrency = 0, Interval = TimeSpan.FromHours(1) });

        // Half of the one under way is none; of two more that ended it is one.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).StatusCode);
        Assert.Equal(5, asked);
    }

    [Theory]
    [InlineData(RetryCondition.RateLimited, "x-envoy-ratelimited", 2)]
    [InlineData(RetryCondition.FiveXx, "x-envoy-ratelimited", 1)]
    [InlineData(RetryCondition.RetriableHeaders, "x-again", 2)]
    [InlineData(RetryCondition.RetriableHeaders, "content-language", 2)]
    [InlineData(RetryCondition.RetriableHeaders, "x-other", 1)]
    public async Task Headers_of_the_response_decide_where_the_conditions_are_about_them(RetryCondition condition, string header, int tries)
    {
        var port = await App(context =>
        {
            if (Interlocked.Increment(ref asked) > 1) return Task.CompletedTask;
            context.Response.StatusCode = 503;
            context.Response.Headers[header] = "true";
            return Task.CompletedTask;
        });
        var client = await ClientFor(On5xx with { RetryOn = [condition] }, port);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "x-envoy-retriable-header-names", "x-again,content-language" } } };

        Assert.Equal(tries == 1 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK, (await client.SendAsync(request)).StatusCode);
        Assert.Equal(tries, asked);
    }

    [Fact]
    public async Task Places_in_the_budget_are_given_back()
    {
        var one = On5xx with { Attempts = 1 };
        var sidecar = await SidecarFor(one, [await App(failures: 50, every: 2)], new RetryBudget { Percent = 0, MinConcurrency = 1 });
        var client = ToReviews(sidecar.Client());
        for (var i = 0; i < 20; i++) Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).StatusCode);
        Assert.All(sidecar.Sidecar.State.Current!.Clusters, cluster => Assert.Equal((0, 0), (cluster.State.Active, cluster.State.Retrying)));
    }

    [Fact]
    public async Task The_caller_may_ask_for_retries_and_the_endpoint_does_not_see_that()
    {
        var seen = new List<string>();
        var port = await App(context =>
        {
            seen.AddRange(context.Request.Headers.Keys.Where(name => name.StartsWith("x-envoy-retry", StringComparison.OrdinalIgnoreCase) || name.StartsWith("x-envoy-max", StringComparison.OrdinalIgnoreCase)));
            context.Response.StatusCode = Interlocked.Increment(ref asked) < 4 ? 500 : 200;
            return Task.CompletedTask;
        });
        var client = await ClientFor(null, port);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "x-envoy-retry-on", "5xx" }, { "x-envoy-max-retries", "3" } } };

        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(request)).StatusCode);
        Assert.Equal(4, asked);
        Assert.Empty(seen);
    }

    [Fact]
    public async Task A_grpc_call_answered_unavailable_is_tried_again_by_default()
    {
        var port = await App(
            context =>
            {
                context.Response.ContentType = "application/grpc";
                context.Response.Headers["grpc-status"] = Interlocked.Increment(ref asked) < 3 ? "14" : "0";
                return context.Response.CompleteAsync();
            },
            HttpProtocols.Http2);
        var sidecar = await SidecarFor(Default, [port], protocol: AppProtocol.Http2);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://reviews:9080/echo.Echo/One")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new("application/grpc") } },
        };

        var response = await sidecar.Client(HttpVersion.Version20).SendAsync(request);

        Assert.Equal("0", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task A_port_that_refuses_inbound_connections_is_503_UF_after_the_default_retries()
    {
        var port = ClosedPort();
        var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithInbound(port, AppProtocol.Http), logged: true);
        running.Add(sidecar);
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, port);
        using var client = sidecar.InboundClient();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("http://server/")).StatusCode);
        var line = (await sidecar.LogLinesAsync(1))[0];
        Assert.Contains("UF", line, StringComparison.Ordinal);
        Assert.Contains("URX", line, StringComparison.Ordinal);
    }

    private Task<int> App(int failures, int every = 1) => App(async context =>
    {
        var number = Interlocked.Increment(ref asked);
        attemptCounts.Add(context.Request.Headers["x-envoy-attempt-count"].ToString());
        await context.Request.Body.CopyToAsync(Stream.Null);
        var bad = every == 1 ? number <= failures : number % every == 1;
        context.Response.StatusCode = bad ? 503 : 200;
        await context.Response.WriteAsync(bad ? "bad" : "good");
    });

    private async Task<int> App(RequestDelegate handle, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var app = await TestApp.StartAsync(handle, protocols);
        running.Add(app);
        return app.Port;
    }

    private Task<HttpClient> ClientFor(RetryPolicy? policy, params int[] ports) => ClientFor(policy, ports, timeout: null);

    private async Task<HttpClient> ClientFor(RetryPolicy? policy, int[] ports, TimeSpan? timeout) =>
        ToReviews((await SidecarFor(policy, ports, timeout: timeout)).Client());

    private async Task<(HttpClient Client, TestSidecar Sidecar)> Logged(RetryPolicy policy, int port, RetryBudget? budget = null)
    {
        var sidecar = await SidecarFor(policy, [port], budget);
        return (ToReviews(sidecar.Client()), sidecar);
    }

    private async Task<HttpClient> ClientFor(RetryPolicy policy, int port, RetryBudget budget) => ToReviews((await SidecarFor(policy, [port], budget)).Client());

    private static HttpClient ToReviews(HttpClient client)
    {
        client.BaseAddress = new Uri("http://reviews:9080");
        return client;
    }

    private async Task<TestSidecar> SidecarFor(
        RetryPolicy? policy, int[] ports, RetryBudget? budget = null, TimeSpan? timeout = null, AppProtocol protocol = AppProtocol.Http)
    {
        var config = new SidecarConfig()
            .WithService("reviews", 9080, protocol, ports)
            .WithRoute("reviews", route => route with { Retry = policy, Timeout = timeout });
        if (budget is not null) config = config with { Clusters = [.. config.Clusters.Select(cluster => cluster with { RetryBudget = budget })] };
        var sidecar = await TestSidecar.StartAsync(config, logged: true);
        running.Add(sidecar);
        return sidecar;
    }

    private static int ClosedPort() => FreePort.Find();
}
