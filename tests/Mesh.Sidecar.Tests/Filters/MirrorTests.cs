using System.Collections.Concurrent;
using Mesh.Config;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Sidecar.Tests.Filters;

public sealed class MirrorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_copy_of_the_request_as_it_is_sent_goes_to_the_mirror_and_its_answer_nowhere(int major)
    {
        await using var app = await TestApp.StartAsync(Answer("main"), HttpProtocols.Http1);
        var copies = new BlockingCollection<string>();
        await using var shadow = await TestApp.StartAsync(Recording(copies, status: 500));
        var config = Config(app.Port, shadow.Port).WithRoute("reviews", route => route with
        {
            Rewrite = new Rewrite { Path = "/new", Prefix = "/old" }, Headers = new HeaderChanges { RequestSet = [new("x-of-rule", "1")] },
        });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client(new Version(major, major == 1 ? 1 : 0));

        using var response = await client.PostAsync("http://reviews/old/x?q=1", new StringContent("body of mine"), Cancel);

        Assert.Equal("main", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("POST /new/x?q=1 reviews x-of-rule=1 text/plain; charset=utf-8 [body of mine]", copies.Take(Cancel));
    }

    [Fact]
    public async Task A_request_without_a_body_is_copied_too()
    {
        await using var app = await TestApp.StartAsync(Answer("main"));
        var copies = new BlockingCollection<string>();
        await using var shadow = await TestApp.StartAsync(Recording(copies));
        await using var sidecar = await TestSidecar.StartAsync(Config(app.Port, shadow.Port));
        using var client = sidecar.Client();

        await client.GetStringAsync("http://reviews/a", Cancel);

        Assert.Equal("GET /a reviews x-of-rule=  []", copies.Take(Cancel));
    }

    [Fact]
    public async Task Several_mirrors_each_get_their_percentage()
    {
        await using var app = await TestApp.StartAsync(Answer("main"));
        var (all, some, none) = (0, 0, 0);
        await using var first = await TestApp.StartAsync(_ => { Interlocked.Increment(ref all); return Task.CompletedTask; });
        await using var second = await TestApp.StartAsync(_ => { Interlocked.Increment(ref some); return Task.CompletedTask; });
        await using var third = await TestApp.StartAsync(_ => { Interlocked.Increment(ref none); return Task.CompletedTask; });
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, app.Port)
            .WithService("first", 9080, AppProtocol.Http, first.Port).WithService("second", 9080, AppProtocol.Http, second.Port).WithService("third", 9080, AppProtocol.Http, third.Port)
            .WithRoute("reviews", route => route with
            {
                Mirrors = [new Mirror { Cluster = ClusterOf("first") }, new Mirror { Cluster = ClusterOf("second"), Percent = 30 }, new Mirror { Cluster = ClusterOf("third"), Percent = 0 }],
            });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        for (var i = 0; i < 300; i++) await client.GetStringAsync("http://reviews/", Cancel);

        await Eventually.True(() => Volatile.Read(ref all) == 300, "300 copies at the first");
        Assert.InRange(some, 55, 125);
        Assert.Equal(0, none);
    }

    [Fact]
    public async Task A_mirror_that_hangs_or_is_not_there_is_not_noticed()
    {
        await using var app = await TestApp.StartAsync(Answer("main"));
        await using var hanging = new RawServer((_, cancellation) => Task.Delay(Timeout.Infinite, cancellation));
        var config = Config(app.Port, hanging.Port).WithService("nobody", 9080, AppProtocol.Http, RawServer.ClosedPort());
        config = config.WithRoute("reviews", route => route with { Mirrors = route.Mirrors.Add(new Mirror { Cluster = ClusterOf("nobody") }) });
        await using var sidecar = await TestSidecar.StartAsync(config, logged: true);
        using var client = sidecar.Client();

        for (var i = 0; i < 20; i++) Assert.Equal("main", await client.GetStringAsync("http://reviews/", Cancel));

        await Eventually.True(() => hanging.Accepted > 0, "copies reach the mirror that hangs");
        await Eventually.True(async () => (await MetricsAsync(sidecar)).Contains("mesh_proxy_mirrored_requests_total{result=\"failed\"} 20", StringComparison.Ordinal), "the copies that found nobody are counted");
        var lines = await sidecar.LogLinesAsync(20);
        Assert.Equal(20, lines.Length);
        Assert.All(lines, line => Assert.Contains("\" 200 - via_upstream", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_body_past_the_cap_is_carried_but_not_copied_and_that_is_counted()
    {
        var length = 0L;
        await using var app = await TestApp.StartAsync(async c =>
        {
            using var body = new MemoryStream();
            await c.Request.Body.CopyToAsync(body);
            length = body.Length;
        });
        var copies = new BlockingCollection<string>();
        await using var shadow = await TestApp.StartAsync(Recording(copies));
        await using var sidecar = await TestSidecar.StartAsync(Config(app.Port, shadow.Port));
        using var client = sidecar.Client();

        using var response = await client.PostAsync("http://reviews/", new ByteArrayContent(new byte[BodyCopy.Cap + 1]), Cancel);

        Assert.Equal(BodyCopy.Cap + 1, length);
        await Eventually.True(async () => (await MetricsAsync(sidecar)).Contains("mesh_proxy_mirrored_requests_total{result=\"dropped\"} 1", StringComparison.Ordinal), "the copy is counted as dropped");
        Assert.Empty(copies);
    }

    [Fact]
    public async Task A_retried_request_is_copied_once_with_its_whole_body()
    {
        var calls = 0;
        await using var app = await TestApp.StartAsync(async c =>
        {
            await c.Request.Body.CopyToAsync(Stream.Null);
            c.Response.StatusCode = ++calls < 3 ? 503 : 200;
        });
        var copies = new BlockingCollection<string>();
        await using var shadow = await TestApp.StartAsync(Recording(copies));
        var config = Config(app.Port, shadow.Port).WithRoute("reviews", route => route with { Retry = new RetryPolicy { Attempts = 3, RetryOn = [RetryCondition.FiveXx] } });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        using var response = await client.PostAsync("http://reviews/", new ByteArrayContent("once"u8.ToArray()), Cancel);

        Assert.Equal(3, calls);
        Assert.Equal("POST / reviews x-of-rule=  [once]", copies.Take(Cancel));
        await Eventually.True(async () => (await MetricsAsync(sidecar)).Contains("{result=\"answered\"} 1", StringComparison.Ordinal), "one copy is counted");
        Assert.Empty(copies);
    }

    [Fact]
    public async Task A_mirror_that_is_spoken_to_in_HTTP2_gets_its_copy_in_it()
    {
        await using var app = await TestApp.StartAsync(Answer("main"));
        var copies = new BlockingCollection<string>();
        await using var shadow = await TestApp.StartAsync(c =>
        {
            copies.Add(c.Request.Protocol);
            return Task.CompletedTask;
        }, HttpProtocols.Http2);
        var config = Config(app.Port, shadow.Port);
        config = config with { Clusters = [.. config.Clusters.Select(cluster => cluster.ServiceName == "shadow" ? cluster with { Protocol = AppProtocol.Http2 } : cluster)] };
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        await client.GetStringAsync("http://reviews/", Cancel);

        Assert.Equal("HTTP/2", copies.Take(Cancel));
    }

    [Fact]
    public async Task Copies_over_a_limit_of_the_mirror_s_pool_are_dropped()
    {
        await using var app = await TestApp.StartAsync(Answer("main"));
        await using var hanging = new RawServer((_, cancellation) => Task.Delay(Timeout.Infinite, cancellation));
        var config = Config(app.Port, hanging.Port);
        config = config with { Clusters = [.. config.Clusters.Select(cluster => cluster.ServiceName == "shadow" ? cluster with { Pool = new ConnectionPool { MaxRequests = 2 } } : cluster)] };
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        for (var i = 0; i < 10; i++) await client.GetStringAsync("http://reviews/", Cancel);

        await Eventually.True(async () => (await MetricsAsync(sidecar)).Contains("mesh_proxy_mirrored_requests_total{result=\"dropped\"} 8", StringComparison.Ordinal), "what is over the limit is counted");
        Assert.Equal(2, hanging.Accepted);
    }

    private static string ClusterOf(string service) => ClusterNames.Outbound(9080, "", SidecarConfig.Fqdn(service));

    private static SidecarConfig Config(int port, int shadow) => new SidecarConfig()
        .WithService("reviews", 9080, AppProtocol.Http, port).WithService("shadow", 9080, AppProtocol.Http, shadow)
        .WithRoute("reviews", route => route with { Mirrors = [new Mirror { Cluster = ClusterOf("shadow") }] });

    private static RequestDelegate Answer(string text) => async c =>
    {
        await c.Request.Body.CopyToAsync(Stream.Null);
        await c.Response.WriteAsync(text);
    };

    private static RequestDelegate Recording(BlockingCollection<string> copies, int status = 200) => async c =>
    {
        using var body = new StreamReader(c.Request.Body);
        var text = await body.ReadToEndAsync();
        copies.Add($"{c.Request.Method} {c.Features.Get<IHttpRequestFeature>()!.RawTarget} {c.Request.Host} x-of-rule={c.Request.Headers["x-of-rule"]} {c.Request.ContentType} [{text}]");
        c.Response.StatusCode = status;
        await c.Response.WriteAsync("nobody reads this");
    };

    private static async Task<string> MetricsAsync(TestSidecar sidecar)
    {
        using var client = sidecar.ControlClient(1);
        return await client.GetStringAsync("/stats/prometheus", Cancel);
    }
}
