using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Probes;
using Prometheus;

namespace Mesh.Sidecar.Scraping;

/// <summary>Asks the application for its metrics when somebody scrapes the sidecar; a failure is counted, and logged when it begins.</summary>
public sealed class AppMetrics : IDisposable
{
    /// <summary>Prometheus' word for how long it waits.</summary>
    public const string TimeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds";

    private const int Longest = 16 << 20;
    private const string OpenMetrics = "application/openmetrics-text";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // So much of what the caller has is kept for the sidecar's own part of the answer.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(1);

    private readonly AppScrape? scrape;
    private readonly string podAddress;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly HttpMessageInvoker client;
    private readonly Counter.Child merged;
    private readonly Counter.Child failed;
    private int isFailing;
    private int hasToldDoubled;

    /// <param name="json">Value of <c>MESH_APP_METRICS</c>; empty: only the sidecar's own metrics are served.</param>
    /// <param name="podAddress">The pod's address: <c>INSTANCE_IP</c>.</param>
    /// <param name="registry">Where failures are counted.</param>
    /// <param name="time">Clock of the limit.</param>
    /// <param name="log">Says once what is wrong.</param>
    public AppMetrics(string json, string podAddress, CollectorRegistry registry, TimeProvider time, ILogger log)
    {
        (this.podAddress, this.time, this.log) = (podAddress, time, log);
        client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            AutomaticDecompression = DecompressionMethods.All,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
            // Wherever a redirect leads, it is this application that is asked.
            ConnectCallback = async (_, token) => new NetworkStream(await DialAsync(token).ConfigureAwait(false), ownsSocket: true),
        });
        try
        {
            scrape = AppScrape.Read(json);
        }
        catch (JsonException wrong)
        {
            log.LogError("MESH_APP_METRICS cannot be read: {Problem} The application's metrics are left out; inject the pod anew", wrong.Message);
        }

        var scrapes = Metrics.WithCustomRegistry(registry).CreateCounter("mesh_proxy_app_scrapes_total", "Times the application was asked for its metrics, to be served with the sidecar's own.", "result");
        (merged, failed) = scrape is null ? (null!, null!) : (scrapes.WithLabels("merged"), scrapes.WithLabels("failed"));
    }

    /// <summary>The application's metrics; null where it has none, or none that could be had now.</summary>
    internal async Task<AppAnswer?> AskAsync(HttpRequest asked)
    {
        if (scrape is null) return null;
        var patience = PatienceOf(asked);
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, asked.HttpContext.RequestAborted);
        try
        {
            var answer = await AskAsync(scrape, asked, patience, either.Token).ConfigureAwait(false);
            merged.Inc();
            if (Interlocked.Exchange(ref isFailing, 0) == 1) log.LogInformation("The application's metrics are served again");
            return answer;
        }
        catch (OperationCanceledException) when (asked.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return null; // nobody listens any more
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or FormatException)
        {
            failed.Inc();
            var why = e is OperationCanceledException ? $"it did not answer within {patience.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s" : (e is HttpRequestException { InnerException: { } inner } ? inner : e).Message;
            if (Interlocked.Exchange(ref isFailing, 1) == 0)
                log.LogWarning("The application's metrics at port {Port}{Path} are left out of the answer until it has some: {Why}", scrape.Port, scrape.Path, why);
            return null;
        }
    }

    /// <summary>Says once that names were left out.</summary>
    internal void TellDoubled(IReadOnlyCollection<string> names)
    {
        if (names.Count > 0 && Interlocked.Exchange(ref hasToldDoubled, 1) == 0)
            log.LogWarning("The application has metrics of the sidecar's names; the sidecar's are served, the application's are left out: {Names}", string.Join(", ", names));
    }

    public void Dispose() => client.Dispose();

    private async Task<AppAnswer> AskAsync(AppScrape what, HttpRequest asked, TimeSpan patience, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{what.Scheme}://127.0.0.1:{what.Port}{what.Path}")) { Version = HttpVersion.Version11 };
        // Whatever else the caller reads, such as protocol buffers, cannot be put behind text.
        request.Headers.TryAddWithoutValidation("Accept", asked.Headers.Accept.ToString().Contains(OpenMetrics, StringComparison.OrdinalIgnoreCase)
            ? $"{OpenMetrics};version=1.0.0,text/plain;version=0.0.4;q=0.5"
            : "text/plain;version=0.0.4");
        request.Headers.TryAddWithoutValidation("User-Agent", asked.Headers.UserAgent.ToString());
        request.Headers.TryAddWithoutValidation(TimeoutHeader, patience.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture));
        using var response = await client.SendAsync(request, cancellation).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK) throw new IOException($"it answered {(int)response.StatusCode}");
        var type = response.Content.Headers.ContentType?.MediaType ?? "text/plain";
        if (type == "application/vnd.google.protobuf") throw new IOException($"it answered in {type}, which was not asked for");
        var text = await ReadAsync(response.Content, cancellation).ConfigureAwait(false);
        var isOpenMetrics = type == OpenMetrics;
        return MergedText.Problem(text.Span, isOpenMetrics) is { } problem ? throw new IOException(problem) : new AppAnswer(text, isOpenMetrics);
    }

    // All of it, or nothing: half an answer would end in half a line.
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        using var body = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var text = new MemoryStream();
        var part = new byte[16 * 1024];
        while (await body.ReadAsync(part, cancellation).ConfigureAwait(false) is > 0 and var count)
        {
            if (text.Length + count > Longest) throw new IOException($"its answer is longer than {Longest >> 20} MiB");
            text.Write(part, 0, count);
        }

        return text.GetBuffer().AsMemory(0, (int)text.Length);
    }

    private static TimeSpan PatienceOf(HttpRequest asked)
    {
        if (!double.TryParse(asked.Headers[TimeoutHeader].ToString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)) return Patience;
        var given = TimeSpan.FromSeconds(Math.Min(seconds, Most.TotalSeconds)) - Margin;
        return given < Least ? Least : given;
    }

    // On loopback, as Istio does it; else at the pod's address, where Prometheus would have asked it without the mesh.
    private async ValueTask<Socket> DialAsync(CancellationToken cancellation)
    {
        try
        {
            return await new PodDial("127.0.0.1", time).ConnectAsync(scrape!.Port, cancellation).ConfigureAwait(false);
        }
        catch (ConnectFailedException) when (podAddress.Length > 0)
        {
            return await new PodDial(podAddress, time).ConnectAsync(scrape!.Port, cancellation).ConfigureAwait(false);
        }
    }
}
