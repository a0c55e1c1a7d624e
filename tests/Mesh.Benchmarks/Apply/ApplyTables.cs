using System.Globalization;
using System.Text;

namespace Mesh.Benchmarks.Apply;

/// <summary>Medians and the worst, for each number of pods.</summary>
public static class ApplyTables
{
    public static string Of(IReadOnlyList<ApplyResult> results)
    {
        var text = new StringBuilder("## From `kubectl apply` to obedience\n\nA route of one service changes between two versions, three seconds after the change before; pods with a\nsidecar ask that service all the time. Times are counted from the start of\n`kubectl apply` (which itself takes the time in the second column) until the first and the last pod got its answer from the new version.\n\n| pods | kubectl apply ms | first pod ms, median (worst) | last pod ms, median (worst) | Programmed ms, median | changes | asked every ms |\n|---|---|---|---|---|---|---|\n");
        foreach (var result in results)
            text.Append(FormattableString.Invariant($"| {result.Pods} | {Median(result.Changes.Select(c => c.Applied))} | {Median(result.Changes.Select(c => c.First))} ({Worst(result.Changes.Select(c => c.First))}) | {Median(result.Changes.Select(c => c.Last))} ({Worst(result.Changes.Select(c => c.Last))}) | {Median(result.Changes.Select(c => c.Programmed))} | {result.Changes.Count} | {result.PeriodMilliseconds} |\n"));
        return text.ToString();
    }

    private static string Median(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Order().ToArray();
        return Text(sorted[sorted.Length / 2]);
    }

    private static string Worst(IEnumerable<TimeSpan> times) => Text(times.Max());

    private static string Text(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
}
