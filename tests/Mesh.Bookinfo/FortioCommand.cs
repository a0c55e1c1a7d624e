using System.Diagnostics;
using System.Globalization;

namespace Mesh.Bookinfo;

/// <summary>
/// <c>fortio load</c> and <c>fortio curl</c> as Istio's tasks use them, with the lines of the answer that one looks at there. What
/// is measured is measured; the rest of fortio (histograms, gRPC, its web page) is not here.
/// </summary>
public static class FortioCommand
{
    /// <summary>Whether these arguments are a command rather than the server.</summary>
    public static bool IsCommand(string[] arguments) => arguments is ["load" or "curl", ..];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var (options, problem) = FortioOptions.Read(arguments[1..]);
        if (options is null)
        {
            await Console.Error.WriteLineAsync($"fortio: {problem}");
            return 2;
        }

        return arguments[0] == "curl" ? await CurlAsync(options) : await LoadAsync(options);
    }

    private static async Task<int> CurlAsync(FortioOptions options)
    {
        using var client = Client();
        try
        {
            using var response = await client.SendAsync(Request(options));
            Console.WriteLine($"HTTP/1.1 {(int)response.StatusCode} {response.ReasonPhrase}");
            foreach (var (name, values) in response.Headers.Concat(response.Content.Headers)) Console.WriteLine($"{name.ToLowerInvariant()}: {string.Join(", ", values)}");
            Console.WriteLine();
            Console.WriteLine(await response.Content.ReadAsStringAsync());
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (HttpRequestException e)
        {
            await Console.Error.WriteLineAsync($"fortio: {e.Message}");
            return 1;
        }
    }

    private static async Task<int> LoadAsync(FortioOptions options)
    {
        var rate = options.PerSecond == 0 ? "max" : options.PerSecond.ToString("0.###", CultureInfo.InvariantCulture);
        Console.WriteLine($"Fortio (stand-in) running at {(options.PerSecond == 0 ? "0" : rate)} queries per second, {options.Connections} connections, for {(options.Requests > 0 ? $"{options.Requests} calls" : $"{options.Time.TotalSeconds:0.###}s")}: {options.Url}");
        var clock = Stopwatch.StartNew();
        var left = options.Requests;
        var results = await Task.WhenAll(Enumerable.Range(0, options.Connections).Select(_ => Task.Run(() => CallAsync(options, clock, () => options.Requests == 0 || Interlocked.Decrement(ref left) >= 0))));
        clock.Stop();
        Report([.. results.SelectMany(result => result)], clock.Elapsed);
        return 0;
    }

    // Each connection by itself: one request after the other.
    private static async Task<List<(int Code, double Seconds)>> CallAsync(FortioOptions options, Stopwatch clock, Func<bool> next)
    {
        using var client = Client();
        var done = new List<(int, double)>();
        var pause = options.PerSecond > 0 ? options.Connections / options.PerSecond : 0;
        while ((options.Requests > 0 || clock.Elapsed < options.Time) && next())
        {
            var started = Stopwatch.GetTimestamp();
            var code = -1;
            try
            {
                using var response = await client.SendAsync(Request(options));
                await response.Content.CopyToAsync(Stream.Null);
                code = (int)response.StatusCode;
            }
            catch (HttpRequestException)
            {
                // Counted as -1, as fortio does.
            }

            var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
            done.Add((code, took));
            if (pause > took) await Task.Delay(TimeSpan.FromSeconds(pause - took));
        }

        return done;
    }

    private static void Report(List<(int Code, double Seconds)> calls, TimeSpan took)
    {
        var times = calls.Select(call => call.Seconds).Order().ToArray();
        var average = times.Length == 0 ? 0 : times.Average();
        var perSecond = calls.Count / Math.Max(took.TotalSeconds, 1e-9);
        Console.WriteLine(Text($"Ended after {took.TotalMilliseconds:0.###}ms : {calls.Count} calls. qps={perSecond:0.###}"));
        if (times.Length > 0) Console.WriteLine(Text($"Aggregated Function Time : count {times.Length} avg {average:0.########} min {times[0]:0.########} max {times[^1]:0.########} sum {times.Sum():0.########}"));
        foreach (var percent in new[] { 50, 75, 90, 99, 99.9 })
        {
            if (times.Length > 0) Console.WriteLine(Text($"# target {percent}% {times[(int)Math.Min(times.Length - 1, Math.Ceiling(times.Length * percent / 100) - 1)]:0.########}"));
        }

        foreach (var group in calls.GroupBy(call => call.Code).OrderBy(group => group.Key))
            Console.WriteLine(Text($"Code {group.Key,3} : {group.Count()} ({100.0 * group.Count() / calls.Count:0.0} %)"));
        Console.WriteLine(Text($"All done {calls.Count} calls (plus 0 warmup) {average * 1000:0.000} ms avg, {perSecond:0.0} qps"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static HttpRequestMessage Request(FortioOptions options)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, options.Url);
        request.Headers.TryAddWithoutValidation("User-Agent", "fortio.org/fortio");
        foreach (var (name, value) in options.Headers)
        {
            if (name.Equals("host", StringComparison.OrdinalIgnoreCase)) request.Headers.Host = value;
            else request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static HttpClient Client() => new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = 1 });
}
