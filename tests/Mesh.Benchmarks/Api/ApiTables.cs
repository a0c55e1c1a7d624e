using System.Globalization;
using System.Text;

namespace Mesh.Benchmarks.Api;

/// <summary>The API bench as text.</summary>
public static class ApiTables
{
    public static string Of(ApiResult result)
    {
        var text = new StringBuilder("## The embedded API server\n\n");
        text.Append(
            "The server runs in a process of its own, so its memory and CPU are its own; the load shares the machine's cores with it.\n" +
            $"HTTPS with client certificates, HTTP/2, {WriteLoad.Writers} writers on 4 connections, each waiting for its answer; ten watches a\n" +
            "connection. 5,000 pods (two containers, about 3 KB stored, ownership of fields tracked) and 1,000 Services in 200 namespaces.\n" +
            "A watcher reads everything it is sent and counts the events.\n\n");
        Memory(text, result);
        Writes(text, result);
        text.Append("### Lists, read to the end\n\n| | MB | median ms | worst ms |\n|---|---|---|---|\n");
        foreach (var list in result.Lists)
            text.Append(FormattableString.Invariant($"| {list.What} | {list.Bytes / 1e6:0.0} | {list.Median:0} | {list.Worst:0} |\n"));
        if (result.Many is { } many)
            Many(text, many);
        return text.ToString();
    }

    private static void Memory(StringBuilder text, ApiResult result) => text.Append(
        "### Memory (resident, VmRSS)\n\n| | MB |\n|---|---|\n" +
        $"| empty | {Megabytes(result.EmptyBytes)} |\n| 5,000 pods and 1,000 Services, just made | {Megabytes(result.HeldBytes)} |\n" +
        $"| after all loads below | {Megabytes(result.LoadedBytes)} |\n| the most at any moment (VmHWM) | {Megabytes(result.MostBytes)} |\n\n");

    private static void Writes(StringBuilder text, ApiResult result)
    {
        text.Append("### Writes\n\n| | writes/s | p50 ms | p99 ms | server cores | server CPU µs/write | events/s delivered |\n|---|---|---|---|---|---|---|\n");
        foreach (var row in result.Rows)
            text.Append(FormattableString.Invariant($"| {row.What} | {row.Writes.PerSecond:0} | {row.Writes.P50:0.0} | {row.Writes.P99:0.0} | {row.ServerCores:0.00} | {1e6 * row.ServerCores / row.Writes.PerSecond:0} | {(row.EventsPerSecond > 0 ? row.EventsPerSecond.ToString("0", CultureInfo.InvariantCulture) : "-")} |\n"));
        if (result.Etcd is { } etcd)
        {
            text.Append(FormattableString.Invariant($"| etcd alone: raw puts of 3 KB, no TLS, data in memory | {etcd.PerSecond:0} | {etcd.P50:0.0} | {etcd.P99:0.0} | - | - | - |\n"));
            var ratio = result.Rows.First(row => row.What.Contains("nobody", StringComparison.Ordinal)).Writes.PerSecond / etcd.PerSecond;
            text.Append(FormattableString.Invariant($"\nA whole API server on a plain machine is not to be had as a peer; etcd, what one stores into, is (Debian's etcd-server). Our\nwrites, checked and with ownership tracked and over TLS, come to {ratio:0.00} of its bare puts.\n"));
        }
        else
        {
            text.Append("\nNo peer: etcd is not installed here (Debian: etcd-server).\n");
        }

        text.Append('\n');
    }

    private static void Many(StringBuilder text, ManyResult many) => text.Append(FormattableString.Invariant(
        $"\n### {many.Count:N0} ConfigMaps\n\n| | |\n|---|---|\n| created | {many.Made.PerSecond:0}/s, p99 {many.Made.P99:0.0} ms |\n| held | {Megabytes(many.HeldBytes)} MB (most at any moment: {Megabytes(many.MostBytes)} MB) |\n") + FormattableString.Invariant(
        $"| listed in pages of 500 (parsed by the client) | {many.PagedSeconds:0.0} s, worst page {many.WorstPage:0} ms |\n| listed whole | {many.WholeListMilliseconds:0} ms |\n") + FormattableString.Invariant(
        $"| watches opened and dropped, with writes going on | {many.StormPerSecond:0}/s beside {many.StormWrites.PerSecond:0} writes/s (p99 {many.StormWrites.P99:0.0} ms) |\n| held after that | {Megabytes(many.AfterStormBytes)} MB |\n"));

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("0", CultureInfo.InvariantCulture);
}
