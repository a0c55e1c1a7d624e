using System.Globalization;
using System.Text.Json;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Probes;
using Mesh.Sidecar.Scraping;
using Prometheus;

namespace Mesh.Sidecar.Control;

/// <summary>15020: metrics, the read-only report, and the application's probes.</summary>
public sealed class StatusPages(ProxyState state, CollectorRegistry registry, AppMetrics application, ProbePages probes, TimeProvider time)
{
    private const string PrometheusText = "text/plain; version=0.0.4; charset=utf-8";
    private const string OpenMetricsText = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    public Task ServeAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            return Text.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "This port is read-only.\n");
        return context.Request.Path.Value switch
        {
            "/stats/prometheus" => WriteMergedAsync(context),
            "/metrics" => WriteMetricsAsync(context),
            "/report" => WriteReportAsync(context),
            { } path when ProbePages.Owns(path) => probes.ServeAsync(context),
            _ => Text.WriteAsync(context, StatusCodes.Status404NotFound, "Served here: /stats/prometheus, /metrics, /report.\n"),
        };
    }

    /// <summary>Every metric of the sidecar in Prometheus' text format.</summary>
    public async Task WriteMetricsAsync(HttpContext context) =>
        await Text.WriteAsync(context, StatusCodes.Status200OK, await CollectAsync(ExpositionFormat.PrometheusText, context.RequestAborted), PrometheusText);

    /// <summary>The sidecar's and the application's, in the format that the application answers in.</summary>
    private async Task WriteMergedAsync(HttpContext context)
    {
        // First, so that a failure is counted in what follows.
        if (await application.AskAsync(context.Request) is not { } answer)
        {
            await WriteMetricsAsync(context);
            return;
        }

        var own = await CollectAsync(answer.IsOpenMetrics ? ExpositionFormat.OpenMetricsText : ExpositionFormat.PrometheusText, context.RequestAborted);
        var both = MergedText.Of(own.Span, answer.Text.Span, answer.IsOpenMetrics, out var doubled);
        application.TellDoubled(doubled);
        await Text.WriteAsync(context, StatusCodes.Status200OK, both, answer.IsOpenMetrics ? OpenMetricsText : PrometheusText);
    }

    private async Task<ReadOnlyMemory<byte>> CollectAsync(ExpositionFormat format, CancellationToken cancellation)
    {
        var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text, format, cancellation);
        return text.GetBuffer().AsMemory(0, (int)text.Length);
    }

    /// <summary><c>?after=SEQUENCE&amp;wait=10s</c> answers once there is something newer, at the latest after the wait.</summary>
    private async Task WriteReportAsync(HttpContext context)
    {
        var report = state.Report;
        var query = context.Request.Query;
        if (query.TryGetValue("after", out var after))
        {
            if (!long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) || !TryReadWait(query["wait"], out var wait))
            {
                await Text.WriteAsync(context, StatusCodes.Status400BadRequest, "Ask as in /report?after=3&wait=10s.\n");
                return;
            }

            try
            {
                report = await state.ReportAfterAsync(sequence, wait, time, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                return; // the caller left
            }
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(report, ProxyConfigJson.Default.ProxyReport);
        await Text.WriteAsync(context, StatusCodes.Status200OK, json, "application/json");
    }

    private static bool TryReadWait(string? text, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (string.IsNullOrEmpty(text)) return true;
        if (text[^1] != 's' || !double.TryParse(text.AsSpan(..^1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)) return false;
        wait = seconds >= LongestWait.TotalSeconds ? LongestWait : TimeSpan.FromSeconds(seconds);
        return true;
    }
}
