using System.Text.Json;

namespace Mesh.Benchmarks.Scale;

/// <summary>
/// The operator at the size of a large cluster. What enters: a thousand Services, five thousand pods whose proxies acknowledge
/// what they are pushed, and changes one after the other: of a route, of an endpoint, of the pods themselves. What leaves: how
/// long each took to the last acknowledgement, and what it cost the operator in time, memory and writes. API server and operator are the programs as
/// they are, with the budgets they have on a cluster; everything stands in a network namespace of its own and ends with it.
/// </summary>
public static class ScaleBench
{
    /// <summary>The word by which this program is told that it stands in the namespace.</summary>
    public const string Word = "operator-inside";

    /// <summary>Runs it in a namespace of its own.</summary>
    public static Task<ScaleResult> RunAsync(ScaleSize size) => NamespacedRun.RunAsync<ScaleResult>("operator", Word, JsonSerializer.Serialize(size));

    /// <summary>The inside of it: measures and writes what came of it to a file.</summary>
    public static async Task InsideAsync(string output, ScaleSize size)
    {
        await using var mesh = await ScaleMesh.StartAsync(size);
        var phases = new List<ScalePhase>
        {
            await mesh.GrowAsync(),
            await mesh.RoutesAsync(size.Rounds),
            await mesh.EndpointsAsync(size.Rounds),
            await mesh.RestartAsync(size.Restarts),
        };
        await File.WriteAllTextAsync(output, JsonSerializer.Serialize(new ScaleResult(size, phases)));
    }
}
