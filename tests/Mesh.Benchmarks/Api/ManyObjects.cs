using System.Diagnostics;

namespace Mesh.Benchmarks.Api;

/// <summary>100,000 ConfigMaps in a server of their own, and a storm of watches as tools like k9s make them.</summary>
public static class ManyObjects
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(3);

    public static async Task<ManyResult> RunAsync(int count, TimeSpan time)
    {
        using var server = await ApiServerProcess.StartAsync();
        using var client = new ApiClient(server.Kubeconfig);
        var made = await WriteLoad.RunAsync(server.Kubeconfig, TimeSpan.FromMinutes(10), count,
            (to, i) => to.SendAsync(HttpMethod.Post, Maps, BenchObjects.ConfigMap($"map-{i:000000}", i)));
        await Task.Delay(Calm);
        var held = server.Resident();
        var (paged, worst) = await PagesAsync(client);
        var whole = Stopwatch.StartNew();
        await client.SendAsync(HttpMethod.Get, Maps);
        var wholeTook = whole.Elapsed;
        var storm = StormAsync(server.Kubeconfig, time);
        var writes = await WriteLoad.RunAsync(server.Kubeconfig, time, int.MaxValue,
            (to, i) => to.SendAsync(HttpMethod.Put, $"{Maps}/map-{i % count:000000}", BenchObjects.ConfigMap($"map-{i % count:000000}", i + 1)));
        var opened = await storm;
        await Task.Delay(Calm);
        return new ManyResult
        {
            Count = count,
            Made = made,
            HeldBytes = held.Now,
            MostBytes = server.Resident().Most,
            PagedSeconds = paged,
            WorstPage = worst,
            WholeListMilliseconds = wholeTook.TotalMilliseconds,
            StormPerSecond = opened / time.TotalSeconds,
            StormWrites = writes,
            AfterStormBytes = server.Resident().Now,
        };
    }

    private static async Task<(double Seconds, double Worst)> PagesAsync(ApiClient client)
    {
        var all = Stopwatch.StartNew();
        var worst = 0.0;
        var next = "";
        do
        {
            var one = Stopwatch.StartNew();
            var page = await client.GetAsync($"{Maps}?limit=500{(next.Length > 0 ? "&continue=" + next : "")}");
            worst = Math.Max(worst, one.Elapsed.TotalMilliseconds);
            next = page["metadata"]!["continue"]?.GetValue<string>() ?? "";
        }
        while (next.Length > 0);
        return (all.Elapsed.TotalSeconds, worst);
    }

    /// <summary>Four users at once, each opening fifty watches from now on and dropping them all, again and again.</summary>
    private static async Task<int> StormAsync(string kubeconfig, TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        var opened = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed < time)
            {
                using var client = new ApiClient(kubeconfig);
                var revision = (await client.GetAsync(Maps + "?limit=1"))["metadata"]!["resourceVersion"]!.GetValue<string>();
                using var drop = new CancellationTokenSource();
                var streams = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.OpenAsync($"{Maps}?watch=true&resourceVersion={revision}", drop.Token)));
                Interlocked.Add(ref opened, streams.Length);
                foreach (var stream in streams)
                    await stream.DisposeAsync();
            }
        })));
        return opened;
    }
}
