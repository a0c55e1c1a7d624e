using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Bookinfo;

/// <summary>Asks the other services.</summary>
public sealed class BookClient(BookinfoOptions options) : IDisposable
{
    // No proxy, no cookies, no trace header of the framework's own: what travels is what ForwardedHeaders says. Connections
    // live a second, so that without a mesh, where each connection goes to one pod, all pods are seen.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = TimeSpan.FromSeconds(1),
        ConnectTimeout = TimeSpan.FromSeconds(5),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Details of a book.</summary>
    public Task<ServiceAnswer> Details(int id, Dictionary<string, string> headers, CancellationToken cancelled) =>
        Ask(new Uri(options.Details, $"details/{id}"), headers, TimeSpan.FromSeconds(3), tries: 1, cancelled);

    /// <summary>
    /// Reviews of a book: three seconds and a second try, as bookinfo's page has always had it. The retry hides that the
    /// service behind has its own time limit, which is what the fault tasks of Istio's documentation are about.
    /// </summary>
    public Task<ServiceAnswer> Reviews(int id, Dictionary<string, string> headers, CancellationToken cancelled) =>
        Ask(new Uri(options.Reviews, $"reviews/{id}"), headers, TimeSpan.FromSeconds(3), tries: 2, cancelled);

    /// <summary>Ratings of a book.</summary>
    public Task<ServiceAnswer> Ratings(int id, Dictionary<string, string> headers, TimeSpan limit, CancellationToken cancelled) =>
        Ask(new Uri(options.Ratings, $"ratings/{id}"), headers, limit, tries: 1, cancelled);

    private async Task<ServiceAnswer> Ask(Uri uri, Dictionary<string, string> headers, TimeSpan limit, int tries, CancellationToken cancelled)
    {
        var clock = Stopwatch.StartNew();
        ServiceAnswer answer;
        var tried = 0;
        do
        {
            answer = await AskOnce(uri, headers, limit, cancelled);
            tried++;
        }
        while (answer.Problem is not null && tried < tries && !cancelled.IsCancellationRequested);
        return answer with { Elapsed = clock.Elapsed, Tries = tried };
    }

    private async Task<ServiceAnswer> AskOnce(Uri uri, Dictionary<string, string> headers, TimeSpan limit, CancellationToken cancelled)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        deadline.CancelAfter(limit);
        var where = $"{uri.Host}:{uri.Port}";
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
            using var response = await _http.SendAsync(request, deadline.Token);
            var text = await response.Content.ReadAsStringAsync(deadline.Token);
            var status = (int)response.StatusCode;
            return new ServiceAnswer
            {
                Status = status,
                Body = response.IsSuccessStatusCode ? JsonNode.Parse(text) : null,
                Problem = response.IsSuccessStatusCode ? null : $"{where} answered {status}{Explain(text)}",
                Pod = Header(response, ServiceAnswer.PodHeader),
                Version = Header(response, ServiceAnswer.VersionHeader),
            };
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            return new ServiceAnswer { Status = 0, Problem = $"{where} did not answer within {limit.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s" };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            return new ServiceAnswer { Status = 0, Problem = $"{where}: {e.Message}" };
        }
    }

    private static string Explain(string body)
    {
        var line = body.Split('\n')[0].Trim();
        return line.Length is 0 or > 120 || line.StartsWith('<') ? "" : $": {line}";
    }

    private static string Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : "";

    public void Dispose() => _http.Dispose();
}
