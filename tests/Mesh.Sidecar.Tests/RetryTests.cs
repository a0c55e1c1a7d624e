using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

/// <summary>Retries as they are carried out on the wire; when they are due is decided elsewhere (folder Retry).</summary>
public sealed class RetryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_is_sent_again_whole_with_the_next_try()
    {
        var seen = new List<(int Length, string Attempt)>();
        await using var app = await TestApp.StartAsync(async c =>
        {
            using var body = new MemoryStream();
            await c.Request.Body.CopyToAsync(body);
            seen.Add(((int)body.Length, c.Request.Headers["x-envoy-attempt-count"].ToString()));
            c.Response.StatusCode = seen.Count < 3 ? 503 : 200;
        });
        await using var sidecar = await TestSidecar.StartAsync(Config(2, [RetryCondition.GatewayError], app.Port));
        using var client = sidecar.Client();

        using var response = await client.PostAsync("http://reviews/", new ByteArrayContent(new byte[200_000]), Cancel);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal([(200_000, "1"), (200_000, "2"), (200_000, "3")], seen);
    }

    [Fact]
    public async Task When_all_tries_failed_the_last_answer_stands_with_URX()
    {
        var calls = 0;
        await using var app = await TestApp.StartAsync(c =>
        {
            c.Response.StatusCode = 503;
            return c.Response.WriteAsync($"no {++calls}");
        });
        await using var sidecar = await TestSidecar.StartAsync(Config(2, [RetryCondition.FiveXx], app.Port), logged: true);
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/", Cancel);

        Assert.Equal("no 3", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(503, (int)response.StatusCode);
        Assert.Contains("\" 503 URX via_upstream", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_connection_is_tried_at_another_endpoint()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("alive"));
        await using var sidecar = await TestSidecar.StartAsync(Config(2, [RetryCondition.ConnectFailure], app.Port, RawServer.ClosedPort()));
        using var client = sidecar.Client();

        for (var i = 0; i < 10; i++) Assert.Equal("alive", await client.GetStringAsync("http://reviews/", Cancel));
    }

    [Fact]
    public async Task Connections_that_are_refused_again_and_again_end_as_503_with_URX_and_UF()
    {
        await using var sidecar = await TestSidecar.StartAsync(Config(2, [RetryCondition.ConnectFailure], RawServer.ClosedPort()), logged: true);
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/", Cancel);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Contains("It was tried 3 times.", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("\" 503 UF,URX upstream_reset_before_response_started{connection_failure}", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_try_that_takes_too_long_is_given_up_for_another_one()
    {
        var calls = 0;
        await using var app = await TestApp.StartAsync(async c =>
        {
            if (Interlocked.Increment(ref calls) == 1) await Task.Delay(Timeout.Infinite, c.RequestAborted);
            await c.Response.WriteAsync("second");
        });
        var config = Config(1, [RetryCondition.Reset], app.Port).WithRoute("reviews", r => r with { Retry = r.Retry! with { PerTryTimeout = TimeSpan.FromMilliseconds(200) } });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        Assert.Equal("second", await client.GetStringAsync("http://reviews/", Cancel));
    }

    [Fact]
    public async Task The_per_try_timeout_does_not_cut_a_response_that_has_begun()
    {
        await using var app = await TestApp.StartAsync(async c =>
        {
            await c.Response.WriteAsync("begun ");
            await c.Response.Body.FlushAsync();
            await Task.Delay(500);
            await c.Response.WriteAsync("and ended");
        });
        var config = Config(1, [RetryCondition.Reset], app.Port).WithRoute("reviews", r => r with { Retry = r.Retry! with { PerTryTimeout = TimeSpan.FromMilliseconds(200) } });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        Assert.Equal("begun and ended", await client.GetStringAsync("http://reviews/", Cancel));
    }

    [Fact]
    public async Task The_timeout_of_the_route_covers_all_tries()
    {
        await using var app = await TestApp.StartAsync(async c => await Task.Delay(Timeout.Infinite, c.RequestAborted));
        var config = Config(10, [RetryCondition.Reset], app.Port).WithRoute("reviews", r => r with
        {
            Timeout = TimeSpan.FromMilliseconds(500), Retry = r.Retry! with { PerTryTimeout = TimeSpan.FromMilliseconds(200) },
        });
        await using var sidecar = await TestSidecar.StartAsync(config, logged: true);
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/", Cancel);

        Assert.Equal(504, (int)response.StatusCode);
        Assert.Contains("\" 504 UT response_timeout", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_past_the_cap_is_not_tried_again()
    {
        var calls = 0;
        await using var app = await TestApp.StartAsync(async c =>
        {
            await c.Request.Body.CopyToAsync(Stream.Null);
            calls++;
            c.Response.StatusCode = 503;
        });
        await using var sidecar = await TestSidecar.StartAsync(Config(2, [RetryCondition.FiveXx], app.Port));
        using var client = sidecar.Client();

        using var response = await client.PostAsync("http://reviews/", new ByteArrayContent(new byte[Mesh.Sidecar.Forwarding.RequestTee.Cap + 1]), Cancel);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_caller_may_ask_for_retries_as_Envoys_clients_do()
    {
        var calls = 0;
        await using var app = await TestApp.StartAsync(c =>
        {
            c.Response.StatusCode = ++calls < 2 ? 503 : 200;
            return c.Response.WriteAsync(c.Request.Headers.ContainsKey("x-envoy-retry-on") ? "leaked" : "kept");
        });
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, app.Port));
        using var client = sidecar.Client();
        client.DefaultRequestHeaders.Add("x-envoy-retry-on", "5xx");

        Assert.Equal("kept", await client.GetStringAsync("http://reviews/", Cancel));
    }

    [Fact]
    public async Task The_budget_bounds_retries_that_are_under_way_at_once()
    {
        var calls = 0;
        await using var app = await TestApp.StartAsync(c =>
        {
            Interlocked.Increment(ref calls);
            c.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        var config = Config(1, [RetryCondition.FiveXx], app.Port);
        config = config with { Clusters = [.. config.Clusters.Select(c => c with { RetryBudget = new RetryBudget { Percent = 0, MinConcurrency = 0 } })] };
        await using var sidecar = await TestSidecar.StartAsync(config, logged: true);
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/", Cancel);

        Assert.Equal(1, calls);
        Assert.Contains("\" 503 UO ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", false, 3)]
    [InlineData("PUT", false, 3)]
    [InlineData("POST", false, 1)]
    [InlineData("PATCH", false, 1)]
    [InlineData("POST", true, 3)]
    public async Task Where_only_idempotent_requests_are_retried_others_are_sent_once(string method, bool withKey, int expected)
    {
        var calls = 0;
        await using var app = await TestApp.StartAsync(c =>
        {
            Interlocked.Increment(ref calls);
            c.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var sidecar = await TestSidecar.StartAsync(OnlyIdempotent(Config(2, [RetryCondition.FiveXx], app.Port)));
        using var client = sidecar.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://reviews/") { Content = new StringContent("body") };
        if (withKey) request.Headers.Add("Idempotency-Key", "1");

        using var response = await client.SendAsync(request, Cancel);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal(expected, calls);
    }

    [Fact]
    public async Task What_never_reached_an_endpoint_is_retried_whatever_its_method()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("alive"));
        await using var sidecar = await TestSidecar.StartAsync(OnlyIdempotent(Config(2, [RetryCondition.ConnectFailure], app.Port, RawServer.ClosedPort())));
        using var client = sidecar.Client();

        for (var i = 0; i < 6; i++)
        {
            using var response = await client.PostAsync("http://reviews/", new StringContent("body"), Cancel);
            Assert.Equal(200, (int)response.StatusCode);
        }
    }

    private static SidecarConfig OnlyIdempotent(SidecarConfig config) =>
        config.WithRoute("reviews", route => route with { Retry = route.Retry! with { OnlyIdempotent = true } });

    [Theory]
    [InlineData(true, 200)]
    [InlineData(false, 503)]
    public async Task A_further_try_may_leave_the_zone_of_the_first(bool remote, int expected)
    {
        await using var one = await TestApp.StartAsync(Failing);
        await using var two = await TestApp.StartAsync(Failing);
        await using var far = await TestApp.StartAsync(_ => Task.CompletedTask);
        var config = Config(1, [RetryCondition.GatewayError], one.Port, two.Port, far.Port).WithRoute("reviews", route => route with { Retry = route.Retry! with { RemoteLocalities = remote } });
        await using var sidecar = await TestSidecar.StartAsync(config with
        {
            Workload = config.Workload with { Region = "eu", Zone = "a" },
            Clusters = [.. config.Clusters.Select(cluster => cluster with { Locality = new LocalityPolicy() })],
            Endpoints = [.. config.Endpoints.Select(group => group with { Endpoints = [.. group.Endpoints.Select(member => member with { Region = "eu", Zone = member.Port == far.Port ? "b" : "a" })] })],
        });
        using var client = sidecar.Client();

        for (var i = 0; i < 6; i++) Assert.Equal(expected, (int)(await client.GetAsync("http://reviews/", Cancel)).StatusCode);

        static Task Failing(HttpContext context)
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        }
    }

    private static SidecarConfig Config(int attempts, RetryCondition[] on, params int[] ports) =>
        new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, ports).WithRoute("reviews", route => route with
        {
            Retry = new RetryPolicy { Attempts = attempts, RetryOn = [.. on], BackoffBase = TimeSpan.FromMilliseconds(1), BackoffMax = TimeSpan.FromMilliseconds(2) },
        });
}
