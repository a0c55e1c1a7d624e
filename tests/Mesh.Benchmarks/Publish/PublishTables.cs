using System.Globalization;
using System.Text;
using Mesh.Benchmarks.Hop;

namespace Mesh.Benchmarks.Publish;

/// <summary>One row a way to publish; medians.</summary>
public static class PublishTables
{
    public static string Of(IReadOnlyList<PublishResult> results)
    {
        var text = new StringBuilder("## Ways to publish the sidecar\n\nSize of the program's directory without symbols of native code; start until ready with a config in place; proportional set size\nidle and after all loads of the hop; CPU a request for each load. Medians. Each runs alone, one after the other.\n\n| | program MiB | start ms | idle MiB | after load MiB |");
        foreach (var load in Load.All) text.Append(CultureInfo.InvariantCulture, $" {load.Title}: CPU µs (requests/s) |");
        text.Append("\n|---|---|---|---|---|").Append(string.Concat(Load.All.Select(_ => "---|"))).Append('\n');
        foreach (var result in results)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {result.Mode.Title} | {Mebibytes(result.ProgramBytes)} | {result.StartMilliseconds:0} | {Mebibytes(result.IdleBytes)} | {Mebibytes(result.LoadedBytes)} |");
            foreach (var load in Load.All)
            {
                var samples = result.Samples.Where(sample => sample.Load == load.Title).ToArray();
                text.Append(CultureInfo.InvariantCulture, $" {Median(samples.Select(sample => sample.CpuMicrosecondsPerRequest)):0.0} ({Median(samples.Select(sample => sample.Result.PerSecond)):0}) |");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static string Mebibytes(long bytes) => (bytes / (1024.0 * 1024)).ToString("0.0", CultureInfo.InvariantCulture);
}
