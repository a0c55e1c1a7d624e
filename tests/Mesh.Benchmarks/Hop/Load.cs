using System.Globalization;
using System.Text.RegularExpressions;
using Mesh.Testing;

namespace Mesh.Benchmarks.Hop;

/// <summary>
/// One hop, measured: the same load goes to a server directly, through nginx, through HAProxy and through a sidecar that
/// captures it, in turns, each proxy with two workers and the same work to do (twenty rules, least connections of three
/// servers, two headers added). Everything lives in network namespaces of its own and ends with them.
/// </summary>
public sealed record Load(string Title, int Connections, int Streams, string Path)
{
    /// <summary>The loads of a run.</summary>
    public static IReadOnlyList<Load> All { get; } =
    [
        new("HTTP/1.1, 32 connections, 100 B", 32, 0, "/rule19/small"),
        new("HTTP/1.1, 1 connection, 100 B", 1, 0, "/rule19/small"),
        new("HTTP/1.1, 32 connections, 16 KiB", 32, 0, "/rule19/large"),
        new("HTTP/2 (clear text), 4 connections of 8 streams, 100 B", 4, 8, "/rule19/small"),
    ];

    /// <summary>Runs it against a target for some seconds.</summary>
    public LoadResult Run(NetworkNamespace from, Uri target, int seconds) => Run((program, arguments, limit) => from.Run(program, arguments, timeout: limit), target, seconds);

    /// <summary>The same from wherever <paramref name="from"/> runs programs.</summary>
    public LoadResult Run(Func<string, IReadOnlyList<string>, TimeSpan, CommandResult> from, Uri target, int seconds) => Streams == 0 ? Wrk(from, target, seconds) : H2Load(from, target, seconds);

    private LoadResult Wrk(Func<string, IReadOnlyList<string>, TimeSpan, CommandResult> from, Uri target, int seconds)
    {
        var run = from("wrk", ["-t", Connections > 1 ? "2" : "1", "-c", Text(Connections), "-d", $"{seconds}s", "--latency", new Uri(target, Path).ToString()], TimeSpan.FromSeconds(seconds + 30));
        if (run.ExitCode != 0) throw new InvalidOperationException($"wrk: {run.Error}{run.Output}");
        var failed = Regex.Match(run.Output, @"Non-2xx or 3xx responses: (\d+)") is { Success: true } bad ? long.Parse(bad.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        failed += Regex.Match(run.Output, @"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)") is { Success: true } errors
            ? errors.Groups.Values.Skip(1).Sum(group => long.Parse(group.Value, CultureInfo.InvariantCulture)) : 0;
        var requests = long.Parse(Regex.Match(run.Output, @"(\d+) requests in").Groups[1].Value, CultureInfo.InvariantCulture);
        return new LoadResult(requests, failed, double.Parse(Regex.Match(run.Output, @"Requests/sec:\s+([\d.]+)").Groups[1].Value, CultureInfo.InvariantCulture),
            Milliseconds(run.Output, "50%"), Milliseconds(run.Output, "99%"));
    }

    private LoadResult H2Load(Func<string, IReadOnlyList<string>, TimeSpan, CommandResult> from, Uri target, int seconds)
    {
        var log = System.IO.Path.GetTempFileName();
        try
        {
            var run = from("h2load", ["-t", "2", "-c", Text(Connections), "-m", Text(Streams), "-D", Text(seconds), $"--log-file={log}", new Uri(target, Path).ToString()], TimeSpan.FromSeconds(seconds + 30));
            if (run.ExitCode != 0) throw new InvalidOperationException($"h2load: {run.Error}{run.Output}");
            var totals = Regex.Match(run.Output, @"requests: \d+ total, \d+ started, \d+ done, (\d+) succeeded, (\d+) failed");
            if (!totals.Success) throw new InvalidOperationException($"h2load said: {run.Output}");
            // A line a request: start, status, time in microseconds.
            var times = File.ReadLines(log).Select(line => line.Split('\t')).Where(cells => cells.Length == 3)
                .Select(cells => double.Parse(cells[2], CultureInfo.InvariantCulture) / 1000).Order().ToArray();
            var requests = long.Parse(totals.Groups[1].Value, CultureInfo.InvariantCulture);
            return new LoadResult(requests, long.Parse(totals.Groups[2].Value, CultureInfo.InvariantCulture), requests / (double)seconds,
                At(times, 0.50), At(times, 0.99));
        }
        finally
        {
            File.Delete(log);
        }
    }

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];

    private static double Milliseconds(string output, string percentile)
    {
        var match = Regex.Match(output, $@"\s{percentile}\s+([\d.]+)(us|ms|s)");
        var value = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch { "us" => value / 1000, "ms" => value, _ => value * 1000 };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
