using System.Net;
using System.Text.Json;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

public sealed class ControlTests
{
    private const int Admin = 0, Status = 1, Ready = 2;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Before_the_first_config_it_is_not_ready_and_says_what_it_waits_for()
    {
        await using var sidecar = await TestSidecar.StartAsync();
        using var client = sidecar.ControlClient(Ready);

        using var waiting = await client.GetAsync("/healthz/ready", Cancel);
        Assert.Equal(503, (int)waiting.StatusCode);
        Assert.Contains($"Waiting for the first config in {sidecar.Options.ConfigDirectory}", await waiting.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        var accepting = sidecar.Sidecar.AcceptAsync(Cancel);
        Assert.False(accepting.IsCompleted);
        sidecar.WriteFile(new SidecarConfig().ToDocument());
        await accepting;

        Assert.Equal("ready\n", await client.GetStringAsync("/healthz/ready", Cancel));
    }

    [Fact]
    public async Task A_first_config_that_is_refused_keeps_it_waiting_and_is_named()
    {
        await using var sidecar = await TestSidecar.StartAsync();
        sidecar.WriteFile("{ not json"u8.ToArray());
        using var client = sidecar.ControlClient(Ready);

        await Mesh.Testing.Eventually.True(async () =>
        {
            using var answer = await client.GetAsync("/healthz/ready", Cancel);
            return answer.StatusCode == HttpStatusCode.ServiceUnavailable && (await answer.Content.ReadAsStringAsync(Cancel)).Contains("was refused", StringComparison.Ordinal);
        }, "the refusal is told");
    }

    [Fact]
    public async Task Draining_ends_readiness()
    {
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig());
        using var client = sidecar.ControlClient(Ready);
        sidecar.Sidecar.Drain.Begin();

        using var answer = await client.GetAsync("/healthz/ready", Cancel);

        Assert.Equal("The sidecar is draining.\n", await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task The_report_answers_as_soon_as_it_changes()
    {
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig());
        using var client = sidecar.ControlClient(Status);
        var first = await ReportAsync(client, "/report");
        Assert.Equal(1, first.Revision);
        Assert.Equal("uid-1", first.PodUid);

        var next = ReportAsync(client, $"/report?after={first.Sequence}&wait=30s");
        sidecar.Apply(new SidecarConfig { Revision = 2 });

        Assert.Equal(2, (await next).Revision);
    }

    [Fact]
    public async Task A_report_without_news_comes_after_the_wait()
    {
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig());
        using var client = sidecar.ControlClient(Status);
        var first = await ReportAsync(client, "/report");

        Assert.Equal(first.Sequence, (await ReportAsync(client, $"/report?after={first.Sequence}&wait=0.05s")).Sequence);
        using var bad = await client.GetAsync("/report?after=x", Cancel);
        Assert.Equal(400, (int)bad.StatusCode);
        using var post = await client.PostAsync("/report", null, Cancel);
        Assert.Equal(405, (int)post.StatusCode);
    }

    [Fact]
    public async Task Admin_shows_config_and_endpoints_and_sets_the_log_level()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("ok"));
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, app.Port));
        using (var traffic = sidecar.Client()) await traffic.GetStringAsync("http://reviews/", Cancel);
        using var client = sidecar.ControlClient(Admin);

        using var config = JsonDocument.Parse(await client.GetStringAsync("/config", Cancel));
        Assert.Equal("reviews.default.svc.cluster.local:9080", config.RootElement.GetProperty("routes")[0].GetProperty("virtualHosts")[0].GetProperty("name").GetString());
        using var clusters = JsonDocument.Parse(await client.GetStringAsync("/clusters", Cancel));
        var endpoint = clusters.RootElement.EnumerateArray().Single(c => c.GetProperty("cluster").GetString()!.StartsWith("outbound", StringComparison.Ordinal)).GetProperty("endpoints")[0];
        Assert.Equal($"127.0.0.1:{app.Port}", endpoint.GetProperty("address").GetString());
        Assert.Equal(1, endpoint.GetProperty("requests").GetInt32());

        Assert.Equal("information\n", await client.GetStringAsync("/log-level", Cancel));
        using var set = await client.PostAsync("/log-level?level=debug", null, Cancel);
        Assert.Equal("debug\n", await set.Content.ReadAsStringAsync(Cancel));
        using var wrong = await client.PostAsync("/log-level?level=loud", null, Cancel);
        Assert.Equal(400, (int)wrong.StatusCode);
    }

    [Fact]
    public async Task Requests_are_counted_in_Istios_metrics_with_its_labels()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("ok"));
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, app.Port));
        using (var traffic = sidecar.Client())
        {
            await traffic.GetStringAsync("http://reviews/", Cancel);
            await traffic.GetStringAsync("http://reviews/", Cancel);
        }

        using var client = sidecar.ControlClient(Status);
        var line = await Mesh.Testing.Eventually.Is(
            async () => (await client.GetStringAsync("/stats/prometheus", Cancel)).Split('\n').FirstOrDefault(l => l.StartsWith("istio_requests_total{", StringComparison.Ordinal)) ?? "",
            l => l.EndsWith(" 2", StringComparison.Ordinal), "two requests");
        foreach (var label in new[]
        {
            "reporter=\"source\"", "source_workload=\"client\"", "source_app=\"client\"", "destination_workload=\"reviews\"", "destination_version=\"v1\"",
            "destination_service=\"reviews.default.svc.cluster.local\"", "destination_service_name=\"reviews\"", "destination_service_namespace=\"default\"",
            "request_protocol=\"http\"", "response_code=\"200\"", "response_flags=\"-\"",
        })
        {
            Assert.Contains(label, line, StringComparison.Ordinal);
        }

        var all = await client.GetStringAsync("/stats/prometheus", Cancel);
        Assert.Contains("istio_request_duration_milliseconds_bucket{", all, StringComparison.Ordinal);
        Assert.Contains("mesh_proxy_config_revision 1", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_are_counted_in_Istios_TCP_metrics()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            await socket.ReceiveAsync(new byte[5], cancellation);
            await socket.SendAsync("answer"u8.ToArray(), cancellation);
        });
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("db", 6379, AppProtocol.Tcp, server.Port));
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.2"), 6379);
        using (var raw = await sidecar.ConnectOutboundAsync())
        {
            await raw.GetStream().WriteAsync("hello"u8.ToArray(), Cancel);
            await raw.GetStream().ReadExactlyAsync(new byte[6], Cancel);
        }

        using var client = sidecar.ControlClient(Status);
        await Mesh.Testing.Eventually.True(async () =>
        {
            var all = await client.GetStringAsync("/stats/prometheus", Cancel);
            return Value(all, "istio_tcp_connections_opened_total{") == "1" && Value(all, "istio_tcp_connections_closed_total{") == "1"
                && Value(all, "istio_tcp_received_bytes_total{") == "5" && Value(all, "istio_tcp_sent_bytes_total{") == "6";
        }, "one connection, five bytes up, six down");
    }

    private static string Value(string all, string metric) =>
        all.Split('\n').FirstOrDefault(l => l.StartsWith(metric, StringComparison.Ordinal))?.Split(' ')[^1] ?? "";

    private static async Task<ProxyReport> ReportAsync(HttpClient client, string path) =>
        ProxyConfigJson.Read<ProxyReport>(await client.GetByteArrayAsync(path, Cancel));
}
