using System.Globalization;
using System.Text;

namespace Mesh.Benchmarks.Hop;

/// <summary>Medians over the rounds, and each as a ratio to nginx.</summary>
public static class HopTables
{
    private const string Yardstick = "nginx";

    public static string Of(HopResult result)
    {
        var text = new StringBuilder("## One hop\n\nLoad by wrk and h2load, straight to the server and through one proxy with two workers: twenty path rules, least\nconnections of three servers, two headers added. The sidecar's connections are captured by iptables, as in a pod. Medians;\nin brackets the ratio to nginx.\n");
        foreach (var load in result.Samples.Select(sample => sample.Load).Distinct())
        {
            text.Append(Invariant($"\n### {load}\n\n| | requests/s | p50 ms | p99 ms | CPU µs/request | failed |\n|---|---|---|---|---|---|\n"));
            foreach (var target in result.Targets)
            {
                double Median(string of, Func<Sample, double> value) => MedianOf(result.Samples.Where(sample => sample.Target == of && sample.Load == load).Select(value));
                string Cell(Func<Sample, double> value, string format)
                {
                    var own = Median(target, value);
                    return own == 0 ? "-" : Invariant($"{own.ToString(format, CultureInfo.InvariantCulture)} ({Ratio(own, Median(Yardstick, value))})");
                }
                var failed = result.Samples.Where(sample => sample.Target == target && sample.Load == load).Sum(sample => sample.Result.Failed);
                text.Append(Invariant($"| {target} | {Cell(s => s.Result.PerSecond, "0")} | {Cell(s => s.Result.P50Milliseconds, "0.00")} | {Cell(s => s.Result.P99Milliseconds, "0.00")} | {Cell(s => s.CpuMicrosecondsPerRequest, "0.0")} | {failed} |\n"));
            }
        }
        text.Append("\n### Memory (proportional set size)\n\n| | idle MiB | after load MiB |\n|---|---|---|\n");
        foreach (var (target, memory) in result.Memory)
            text.Append(Invariant($"| {target} | {Mebibytes(memory.Idle)} ({Ratio(memory.Idle, result.Memory[Yardstick].Idle)}) | {Mebibytes(memory.AfterLoad)} ({Ratio(memory.AfterLoad, result.Memory[Yardstick].AfterLoad)}) |\n"));
        return text.ToString();
    }

    private static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Where(value => !double.IsNaN(value)).Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
    }

    private static string Ratio(double value, double yardstick) => yardstick == 0 ? "-" : (value / yardstick).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Mebibytes(long bytes) => (bytes / (1024.0 * 1024)).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
