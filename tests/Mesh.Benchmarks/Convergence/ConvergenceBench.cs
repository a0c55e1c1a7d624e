using System.Text.Json;

namespace Mesh.Benchmarks.Convergence;

/// <summary>
/// How long until the last proxy obeys. What enters: a number of sidecars that are the product's own as far as a config goes
/// (identity, control session, reading, validating, compiling, putting in force) and carry no traffic, so that a thousand fit
/// into one process. API server and operator are the programs as they are. What leaves: times from a write at the API until
/// the last of them has it in force. Everything runs in a network namespace of its own and ends with it.
/// </summary>
public static class ConvergenceBench
{
    /// <summary>The word by which this program is told that it stands in the namespace.</summary>
    public const string Word = "converge-inside";

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <summary>Runs it in a namespace of its own.</summary>
    public static async Task<IReadOnlyList<ConvergenceResult>> RunAsync(IReadOnlyList<int> proxies, int rounds) =>
        await NamespacedRun.RunAsync<ConvergenceResult[]>("converge", Word, [$"{rounds}", .. proxies.Select(n => $"{n}")]);

    /// <summary>The inside of it: measures and writes what came of it to a file.</summary>
    public static async Task InsideAsync(string output, int rounds, IReadOnlyList<int> proxies)
    {
        await using var mesh = await CrowdMesh.StartAsync();
        var results = new List<ConvergenceResult>();
        foreach (var count in proxies)
        {
            await mesh.GrowAsync(count);
            results.Add(await MeasureAsync(mesh, count, rounds));
        }

        await File.WriteAllTextAsync(output, JsonSerializer.Serialize(results));
    }

    private static async Task<ConvergenceResult> MeasureAsync(CrowdMesh mesh, int count, int rounds)
    {
        var (rules, programmed, endpoints) = (new List<double>(), new List<double>(), new List<double>());
        // What runs for the first time is compiled for the first time.
        for (var i = -2; i < rounds; i++)
        {
            await Task.Delay(Quiet);
            var version = i % 2 == 0 ? "v2" : "v1";
            var (last, known) = await mesh.RouteAsync(version);
            await Task.Delay(Quiet);
            var killed = await mesh.KillEndpointAsync(Math.Abs(i) % CrowdMesh.Servers);
            Console.Error.WriteLine(FormattableString.Invariant($"{count} proxies, round {i + 1}: apply to last {last.TotalMilliseconds:0} ms, Programmed {known.TotalMilliseconds:0} ms; endpoint gone from last {killed.TotalMilliseconds:0} ms"));
            if (i == -1) await mesh.ForgetPushesAsync();
            if (i < 0) continue;
            rules.Add(last.TotalMilliseconds);
            programmed.Add(known.TotalMilliseconds);
            endpoints.Add(killed.TotalMilliseconds);
        }

        var pushes = await mesh.PushesAsync();
        return new ConvergenceResult(count, rules, programmed, endpoints, pushes.P50, pushes.P99);
    }
}
