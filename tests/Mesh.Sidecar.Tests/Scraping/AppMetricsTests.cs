using System.Collections.Concurrent;
using System.Net;
using Mesh.Sidecar.Control;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serilog.Core;

namespace Mesh.Sidecar.Tests.Scraping;

/// <summary>Real sockets: a scraper, the sidecar's status port, and an application behind it.</summary>
public sealed class AppMetricsTests
{
    private const string OpenMetrics = "application/openmetrics-text";

    private readonly ConcurrentQueue<string> _logged = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_scrape_has_the_sidecars_metrics_and_the_applications()
    {
        var asked = new TaskCompletionSource<(string Target, string Accept, string Timeout)>();
        await using var app = await TestApp.StartAsync(c =>
        {
            asked.TrySetResult((c.Request.Path + c.Request.QueryString, c.Request.Headers.Accept!, c.Request.Headers["X-Prometheus-Scrape-Timeout-Seconds"]!));
            return AnswerAsync(c, "text/plain; version=0.0.4", "# TYPE orders_total counter\norders_total 3\nprocess_cpu_seconds_total 7\n");
        });
        await using var sidecar = await StartAsync(app.Port, "/own/metrics?x=1");

        var (type, text) = await ScrapeAsync(sidecar, timeout: "3");
        Assert.Equal("text/plain", type);
        Assert.Contains("\nmesh_proxy_config_revision 0\n", text, StringComparison.Ordinal);
        Assert.Contains("\nmesh_proxy_app_scrapes_total{result=\"merged\"} 1\n", text, StringComparison.Ordinal);
        // Names that every library writes are the application's.
        Assert.EndsWith("# TYPE orders_total counter\norders_total 3\nprocess_cpu_seconds_total 7\n", text, StringComparison.Ordinal);
        Assert.Equal(("/own/metrics?x=1", "text/plain;version=0.0.4", "2.5"), await asked.Task);
        Assert.DoesNotContain("orders_total", await GetAsync(sidecar, "/metrics"), StringComparison.Ordinal);
        AssertUnique(text);
    }

    [Fact]
    public async Task OpenMetrics_is_asked_for_only_where_the_scraper_reads_it_and_then_all_of_the_answer_is()
    {
        await using var app = await TestApp.StartAsync(c => c.Request.Headers.Accept.ToString().Contains(OpenMetrics, StringComparison.Ordinal)
            ? AnswerAsync(c, OpenMetrics + "; version=1.0.0", "# TYPE orders counter\norders_total 3 # {trace_id=\"1\"} 1\n# EOF\n")
            : AnswerAsync(c, "text/plain", "orders_total 3\n"));
        await using var sidecar = await StartAsync(app.Port);

        var (type, text) = await ScrapeAsync(sidecar, "application/vnd.google.protobuf;q=0.9," + OpenMetrics + ";version=1.0.0;q=0.8,text/plain;q=0.5");
        Assert.Equal(OpenMetrics, type);
        Assert.EndsWith("orders_total 3 # {trace_id=\"1\"} 1\n# EOF\n", text, StringComparison.Ordinal);
        Assert.Single(text.Split('\n'), line => line == "# EOF");
        Assert.Contains("# TYPE mesh_proxy_app_scrapes counter", text, StringComparison.Ordinal);
        Assert.Contains("\nmesh_proxy_app_scrapes_total{result=\"merged\"} 1", text, StringComparison.Ordinal);
        Assert.Equal("text/plain", (await ScrapeAsync(sidecar, "text/plain")).Type);
    }

    [Fact]
    public async Task An_application_that_fails_costs_its_own_metrics_alone_and_is_logged_once()
    {
        var answers = new Queue<Func<HttpContext, Task>>(
        [
            c => { c.Response.StatusCode = 500; return Task.CompletedTask; },
            c => AnswerAsync(c, "text/html", "<html>Sign in</html>"),
            c => AnswerAsync(c, OpenMetrics, "orders_total 3\n"),
            c => AnswerAsync(c, "text/plain", new string('\n', 17 << 20)),
            c => AnswerAsync(c, "text/plain", "orders_total 3\n"),
        ]);
        await using var app = await TestApp.StartAsync(c => answers.Dequeue()(c));
        await using var sidecar = await StartAsync(app.Port);

        for (var i = 1; i <= 4; i++)
        {
            var (type, text) = await ScrapeAsync(sidecar);
            Assert.Equal("text/plain", type);
            Assert.Contains($"\nmesh_proxy_app_scrapes_total{{result=\"failed\"}} {i}\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain("orders_total", text, StringComparison.Ordinal);
        }

        Assert.Contains("it answered 500", Assert.Single(_logged), StringComparison.Ordinal);
        Assert.Contains("orders_total 3", (await ScrapeAsync(sidecar)).Text, StringComparison.Ordinal);
        Assert.Equal("The application's metrics are served again", _logged.Last());
    }

    [Fact]
    public async Task One_that_is_down_or_silent_does_not_keep_the_scraper_waiting()
    {
        await using var closed = await StartAsync(RawServer.ClosedPort());
        Assert.Contains("result=\"failed\"} 1", (await ScrapeAsync(closed)).Text, StringComparison.Ordinal);
        Assert.Contains("refused", Assert.Single(_logged), StringComparison.Ordinal);

        await using var app = await TestApp.StartAsync(c => Task.Delay(Timeout.Infinite, c.RequestAborted));
        await using var sidecar = await StartAsync(app.Port);
        Assert.Contains("result=\"failed\"} 1", (await ScrapeAsync(sidecar, timeout: "0.7")).Text, StringComparison.Ordinal);
        Assert.Contains("within 0.2 s", _logged.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_leads_nowhere_but_to_the_application()
    {
        await using var app = await TestApp.StartAsync(c =>
        {
            if (c.Request.Path == "/metrics/") return AnswerAsync(c, "text/plain", "orders_total 3\n");
            c.Response.Redirect("http://elsewhere.example:1/metrics/");
            return Task.CompletedTask;
        });
        await using var sidecar = await StartAsync(app.Port);
        Assert.Contains("orders_total 3", (await ScrapeAsync(sidecar)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_cannot_be_read_are_told_and_the_sidecars_metrics_stay()
    {
        await using var sidecar = await StartAsync(0);
        Assert.Contains("mesh_proxy_config_revision", (await ScrapeAsync(sidecar)).Text, StringComparison.Ordinal);
        Assert.Contains("port: 0 is no port", Assert.Single(_logged), StringComparison.Ordinal);
    }

    private static void AssertUnique(string text)
    {
        var types = text.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]).ToList();
        Assert.Equal(types.Distinct(), types);
    }

    private static Task AnswerAsync(HttpContext context, string type, string text)
    {
        context.Response.ContentType = type;
        return context.Response.WriteAsync(text);
    }

    private async Task<Sidecar> StartAsync(int port, string path = "/metrics")
    {
        var options = new SidecarOptions
        {
            ConfigDirectory = "/nowhere", TrustDirectory = "/nowhere", DataDirectory = "/nowhere", PodAddress = "127.0.0.1",
            AppMetrics = $$"""{"port":{{port}},"path":"{{path}}","scheme":"http"}""",
            AdminPort = 0, StatusPort = 0, ReadinessPort = 0, OutboundPort = 0, InboundPort = 0, ControlPort = 0, DnsPort = 0,
        };
        var sidecar = new Sidecar(options, LoggerFactory.Create(builder => builder.AddProvider(new Log(_logged))), new LoggingLevelSwitch(), TimeProvider.System, new Random(1));
        await sidecar.StartAsync(Cancel);
        return sidecar;
    }

    private static Uri Status(Sidecar sidecar) => new UriBuilder(sidecar.ControlAddresses[1]) { Host = "127.0.0.1" }.Uri;

    private static async Task<string> GetAsync(Sidecar sidecar, string path)
    {
        using var client = new HttpClient { BaseAddress = Status(sidecar) };
        return await client.GetStringAsync(new Uri(path, UriKind.Relative), Cancel);
    }

    private static async Task<(string? Type, string Text)> ScrapeAsync(Sidecar sidecar, string accept = "text/plain", string? timeout = null)
    {
        using var client = new HttpClient { BaseAddress = Status(sidecar) };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", accept);
        if (timeout is not null) client.DefaultRequestHeaders.Add("X-Prometheus-Scrape-Timeout-Seconds", timeout);
        using var response = await client.GetAsync(new Uri("/stats/prometheus", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(Cancel));
    }

    private sealed class Log(ConcurrentQueue<string> said) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => categoryName.EndsWith("AppMetrics", StringComparison.Ordinal) ? this : NullLogger.Instance;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => said.Enqueue(formatter(state, exception));

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public void Dispose()
        {
            // Holds nothing.
        }
    }
}
