using System.Globalization;
using System.Text.Json;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Probes;
using Prometheus;

namespace Mesh.Sidecar.Control;

/// <summary>15020: metrics, the read-only report, and the application's probes.</summary>
public sealed class StatusPages(ProxyState state, CollectorRegistry registry, ProbePages probes, TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    public Task ServeAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            return Text.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "This port is read-only.\n");
        return context.Request.Path.Value switch
        {
            "/stats/prometheus" or "/metrics" => WriteMetricsAsync(context),
            "/report" => WriteReportAsync(context),
            { } path when ProbePages.Owns(path) => probes.ServeAsync(context),
            _ => Text.WriteAsync(context, StatusCodes.Status404NotFound, "Served here: /stats/prometheus, /report.\n"),
        };
    }

    /// <summary>Every metric in Prometheus' text format.</summary>
    public async Task WriteMetricsAsync(HttpContext context)
    {
        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text, context.RequestAborted);
        await Text.WriteAsync(context, StatusCodes.Status200OK, text.GetBuffer().AsMemory(0, (int)text.Length), "text/plain; version=0.0.4; charset=utf-8");
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
