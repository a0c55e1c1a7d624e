using System.Text;

namespace Mesh.Benchmarks.Soak;

/// <summary>A row for each fault.</summary>
public static class SoakTables
{
    /// <summary>One line, for who watches.</summary>
    public static string Of(SoakLine line) => FormattableString.Invariant(
        $"{(line.Held ? "held  " : "FAILED")} {line.Fault}: {line.Result.Requests} requests, {line.Result.Failures.Count} failed ({Counts(line.Result.Outcomes)}; flags {Counts(line.Flags)}), p99 {line.Result.P99Milliseconds:0} ms; expected: {line.Expected}{(line.Remark.Length == 0 ? "" : "; " + line.Remark)}{string.Concat(line.Held ? [] : line.Result.Failures.Take(10).Select(failure => "\n         " + failure))}");

    /// <summary>The part of docs/benchmarks.md.</summary>
    public static string Of(IReadOnlyList<SoakLine> lines)
    {
        var text = new StringBuilder("## Faults and load\n\nThree servers and a client in `mesh up`, each with its sidecar, in mutual TLS. The client's load tries nothing a second time, so\nwhat failed is what a program would have seen. Response flags are those of the client's sidecar.\n\n| fault | rule | requests | failed | by status | by flag | p99 ms | expected | held |\n|---|---|---|---|---|---|---|---|---|\n");
        foreach (var line in lines)
            text.Append(FormattableString.Invariant($"| {line.Fault} | {line.Rule} | {line.Result.Requests} | {line.Result.Failures.Count} | {Counts(line.Result.Outcomes)} | {Counts(line.Flags)} | {line.Result.P99Milliseconds:0} | {line.Expected}{(line.Remark.Length == 0 ? "" : $" ({line.Remark})")} | {(line.Held ? "yes" : "**no**")} |\n"));
        return text.ToString();
    }

    private static string Counts<T>(IReadOnlyDictionary<string, T> counts) =>
        counts.Count == 0 ? "none" : string.Join(", ", counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key} {count.Value}"));
}
