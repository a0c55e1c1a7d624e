using System.Globalization;
using System.Text;

namespace Mesh.Benchmarks.Convergence;

/// <summary>Half and 99 of 100 of the rounds, for each number of proxies.</summary>
public static class ConvergenceTables
{
    public static string Of(IReadOnlyList<ConvergenceResult> results)
    {
        var text = new StringBuilder("""
            ## Convergence: until the last proxy obeys

            `make bench-convergence`. Operator and API server are the programs as they are. The proxies are simulated: the sidecar's own
            code for identity, control session, reading, validating, compiling and swapping configs, with certificates that the operator
            issued, all in one process and without traffic; a service of ten endpoints, one of whose two versions a route chooses. Times
            are counted from before the write at the API (whose webhooks are part of it) to the last proxy that has it in force, over all
            proxies; p50 and p99 are over rounds. Operator, API server and all proxies share this machine's cores: a thousand sidecars on
            nodes of their own would not wait for each other. Real sidecars with traffic, 6 and 50, are measured in the part before.

            | proxies | apply -> last obeys ms, p50 (p99) | apply -> Programmed ms, p50 (p99) | endpoint killed -> last pool without it ms, p50 (p99) | plan -> acknowledgement of a proxy ms, p50 (p99) | rounds |
            |---|---|---|---|---|---|

            """);
        foreach (var result in results)
            text.Append(FormattableString.Invariant($"| {result.Proxies} | {Both(result.Rules)} | {Both(result.Programmed)} | {Both(result.Endpoints)} | {Text(result.PushP50)} ({Text(result.PushP99)}) | {result.Rules.Count} |\n"));
        return text.ToString();
    }

    private static string Both(IReadOnlyList<double> values) => Shares.Of(values) is var (half, most) ? $"{Text(half)} ({Text(most)})" : "";

    private static string Text(double milliseconds) => double.IsFinite(milliseconds) ? milliseconds.ToString("0", CultureInfo.InvariantCulture) : "-";
}
