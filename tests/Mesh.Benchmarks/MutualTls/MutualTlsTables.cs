using System.Text;

namespace Mesh.Benchmarks.MutualTls;

/// <summary>Medians over the rounds; in brackets the ratio to clear text.</summary>
public static class MutualTlsTables
{
    public static string Of(IReadOnlyList<MutualTlsSample> samples)
    {
        var text = new StringBuilder("## Mutual TLS between two sidecars\n\n`make bench-mtls`. wrk in a pod, nginx in another, a sidecar beside each; with the mesh's TLS as it is without a rule, and with a\nPeerAuthentication that switches it off (DISABLE), in turns. Medians; in brackets the ratio to clear text. Connections are kept and\nused again, so that a handshake is paid for once a connection.\n\n| load | between the sidecars | requests/s | p50 ms | p99 ms | client sidecar CPU µs/request | server sidecar CPU µs/request | failed |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var load in samples.GroupBy(sample => sample.Load))
            foreach (var isMutual in new[] { false, true })
            {
                var own = load.Where(sample => sample.IsMutual == isMutual).ToList();
                string Cell(Func<MutualTlsSample, double> value, string format)
                {
                    var (mine, clear) = (Median(own.Select(value)), Median(load.Where(sample => !sample.IsMutual).Select(value)));
                    return FormattableString.Invariant($"{mine.ToString(format, System.Globalization.CultureInfo.InvariantCulture)} ({mine / clear:0.00})");
                }

                text.Append(FormattableString.Invariant($"| {load.Key} | {(isMutual ? "mutual TLS" : "clear text")} | {Cell(s => s.Result.PerSecond, "0")} | {Cell(s => s.Result.P50Milliseconds, "0.00")} | {Cell(s => s.Result.P99Milliseconds, "0.00")} | {Cell(s => s.ClientMicroseconds, "0.0")} | {Cell(s => s.ServerMicroseconds, "0.0")} | {own.Sum(s => s.Result.Failed)} |\n"));
            }

        return text.ToString();
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
