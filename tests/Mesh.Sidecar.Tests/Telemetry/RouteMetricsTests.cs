using System.Globalization;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Telemetry;

public sealed class RouteMetricsTests : IAsyncDisposable
{
    private const int Status = 1;
    private static readonly RetryPolicy Once = new() { Attempts = 1, RetryOn = [RetryCondition.FiveXx], BackoffBase = TimeSpan.FromMilliseconds(1) };

    private readonly List<IAsyncDisposable> running = [];
    private int asked;

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(running)) await part.DisposeAsync();
    }

    [Fact]
    public async Task Requests_of_a_route_with_a_prefix_are_counted_by_class_with_their_retries()
    {
        // The answers in their order: 503 and 200 are one request, 404 the next, 503 twice the last.
        var sidecar = await StartAsync(route => route with { StatPrefix = "stars", Retry = Once }, 503, 200, 404, 503, 503);
        using (var client = sidecar.Client())
        {
            for (var i = 0; i < 3; i++) (await client.GetAsync("http://reviews/")).Dispose();
        }

        await Value(sidecar, "upstream_rq_time_count", 3);
        await Value(sidecar, "upstream_rq_xx", 1, "2");
        await Value(sidecar, "upstream_rq_xx", 1, "4");
        await Value(sidecar, "upstream_rq_xx", 1, "5");
        await Value(sidecar, "upstream_rq_total", 5);
        await Value(sidecar, "upstream_rq_retry", 2);
        await Value(sidecar, "upstream_rq_retry_success", 1);
        await Value(sidecar, "upstream_rq_retry_limit_exceeded", 1);
        await Value(sidecar, "upstream_rq_retry_overflow", 0);
        await Value(sidecar, "upstream_rq_timeout", 0);
    }

    [Fact]
    public async Task A_route_without_a_prefix_is_not_counted_by_itself()
    {
        var sidecar = await StartAsync(route => route, 200);
        using (var client = sidecar.Client()) (await client.GetAsync("http://reviews/")).Dispose();

        var all = await Eventually.Is(() => Metrics(sidecar), text => text.Contains("istio_requests_total{", StringComparison.Ordinal), "the request was counted");
        Assert.DoesNotContain("envoy_virtual_host", all, StringComparison.Ordinal);
    }

    private static Task Value(TestSidecar sidecar, string name, double value, string? statusClass = null)
    {
        var labels = "envoy_virtual_host=\"reviews.default.svc.cluster.local:9080\",envoy_route=\"stars\"" + (statusClass is null ? "" : $",envoy_response_code_class=\"{statusClass}\"");
        var line = string.Create(CultureInfo.InvariantCulture, $"envoy_vhost_route_{name}{{{labels}}} {value}\n");
        return Eventually.Is(() => Metrics(sidecar), text => text.Contains(line, StringComparison.Ordinal), line);
    }

    private static async Task<string> Metrics(TestSidecar sidecar)
    {
        using var client = sidecar.ControlClient(Status);
        return await client.GetStringAsync("/stats/prometheus");
    }

    private async Task<TestSidecar> StartAsync(Func<Route, Route> change, params int[] answers)
    {
        var app = await TestApp.StartAsync(context =>
        {
            context.Response.StatusCode = answers[Interlocked.Increment(ref asked) - 1];
            return Task.CompletedTask;
        });
        running.Add(app);
        var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, app.Port).WithRoute("reviews", change));
        running.Add(sidecar);
        return sidecar;
    }
}
