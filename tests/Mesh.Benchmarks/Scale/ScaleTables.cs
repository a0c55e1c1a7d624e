using System.Globalization;
using System.Text;

namespace Mesh.Benchmarks.Scale;

/// <summary>One line for each kind of change, and what was written at the API.</summary>
public static class ScaleTables
{
    public static string Of(ScaleResult result)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"""
            ## The operator at size

            `make bench-operator`. {result.Size.Services} Services in {ScaleWorld.Namespaces(result.Size.Services)} namespaces, a fifth of them with a VirtualService and a DestinationRule, {result.Size.Pods} pods whose
            proxies are each told of all of them. Operator and API server are the programs as they are, with the budgets of a cluster. The proxies are simulated: identity,
            TLS, sessions and frames are the sidecar's own code, a config is checked by its hashes and acknowledged. Times are counted from before
            the write at the API to the last of the {result.Size.Pods} acknowledgements (in a rolling restart: of the last pod's endpoint); p50 and p99 are over the changes. Operator, API server and all
            proxies share this machine's cores. Processor time and memory are the operator's alone (VmRSS, and VmHWM: the most until then).

            | change | times | last acknowledgement ms, p50 (p99) | plan -> acknowledgement of a proxy ms, p50 (p99) | plans | one plan ms, mean | API writes | took s | operator CPU s | memory MB (most) |
            |---|---|---|---|---|---|---|---|---|---|

            """));
        foreach (var phase in result.Phases)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {phase.Change} | {phase.Times} | {Both(phase.Last)} | {Text(phase.PushP50)} ({Text(phase.PushP99)}) | {phase.Plans:0} | {phase.PlanMean:0} | {phase.Writes.Values.Sum()} ");
            text.Append(CultureInfo.InvariantCulture, $"| {phase.Seconds:0.0} | {phase.CpuSeconds:0.0} | {Megabytes(phase.Resident)} ({Megabytes(phase.Most)}) |\n");
        }

        foreach (var phase in result.Phases.Where(phase => phase.FirstConfigs.Count > 0))
            text.Append(CultureInfo.InvariantCulture, $"\nNew pods, from the pod's creation to its first config acknowledged: {Both(phase.FirstConfigs)} ms, p50 (p99) over {phase.FirstConfigs.Count}.\n");
        text.Append("\nWrites at the API meanwhile, records of earlier changes among them (they follow within their budget of 50 a second):\n\n| change | writes |\n|---|---|\n");
        foreach (var phase in result.Phases)
            text.Append(CultureInfo.InvariantCulture, $"| {phase.Change} | {(phase.Writes.Count == 0 ? "none" : string.Join(", ", phase.Writes.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} {pair.Value}")))} |\n");
        return text.ToString();
    }

    private static string Both(IReadOnlyList<double> values) => Shares.Of(values) is var (half, most) ? $"{Text(half)} ({Text(most)})" : "";

    private static string Text(double milliseconds) => double.IsFinite(milliseconds) && milliseconds >= 0 ? milliseconds.ToString("0", CultureInfo.InvariantCulture) : "-";

    private static long Megabytes(long bytes) => bytes / (1024 * 1024);
}
