using System.Diagnostics;

namespace Mesh.Benchmarks.Api;

/// <summary>Writes one after the other from several writers at once, each write answered before the writer's next.</summary>
public static class WriteLoad
{
    public const int Writers = 32;
    private const int Connections = 4;

    /// <summary>
    /// Does <paramref name="write"/> for 0, 1, 2 … until the time is up or <paramref name="most"/> are done, as fast as it goes or
    /// so many a second.
    /// </summary>
    public static async Task<WriteResult> RunAsync(string kubeconfig, TimeSpan time, int most, Func<ApiClient, int, Task> write, int? perSecond = null)
    {
        var clients = Enumerable.Range(0, Connections).Select(_ => new ApiClient(kubeconfig)).ToArray();
        var next = -1;
        var latencies = new List<double>[Writers];
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var mine = latencies[writer] = [];
            while (clock.Elapsed < time && Interlocked.Increment(ref next) is var number && number < most)
            {
                if (perSecond is { } rate && TimeSpan.FromSeconds((double)number / rate) - clock.Elapsed is var early && early > TimeSpan.Zero)
                    await Task.Delay(early);
                var began = clock.Elapsed;
                await write(clients[writer % Connections], number);
                mine.Add((clock.Elapsed - began).TotalMilliseconds);
            }
        })));
        var took = clock.Elapsed;
        foreach (var client in clients)
            client.Dispose();
        var sorted = latencies.SelectMany(one => one).Order().ToArray();
        return new WriteResult(sorted.Length, took, sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)]);
    }
}
