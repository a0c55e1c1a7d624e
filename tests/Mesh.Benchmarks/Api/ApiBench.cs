namespace Mesh.Benchmarks.Api;

/// <summary>
/// The embedded API server under the load of a large cluster: 5,000 pods and 1,000 Services in 200 namespaces, writes with
/// and without 200 watchers, lists of everything; then many objects of one kind. It measures and never judges.
/// </summary>
public static class ApiBench
{
    private const int Namespaces = 200;
    private const int Pods = 5000;
    private const int Services = 1000;
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(3);
    private static int status;

    public static async Task<ApiResult> RunAsync(int seconds, int many)
    {
        var time = TimeSpan.FromSeconds(seconds * 2);
        var result = await MeasureAsync(time);
        return result with
        {
            Etcd = await EtcdPeer.RunAsync(time, size: 3072),
            Many = many > 0 ? await ManyObjects.RunAsync(many, time) : null,
        };
    }

    private static async Task<ApiResult> MeasureAsync(TimeSpan time)
    {
        using var server = await ApiServerProcess.StartAsync();
        using var client = new ApiClient(server.Kubeconfig);
        var empty = server.Resident().Now;
        for (var i = 0; i < Namespaces; i++)
            await client.SendAsync(HttpMethod.Post, "/api/v1/namespaces", BenchObjects.Namespace(Namespace(i)));
        var rows = new List<ApiRow>
        {
            await RowAsync(server, "create pods", TimeSpan.FromMinutes(10), Pods, CreatePodAsync),
            await RowAsync(server, "create Services", TimeSpan.FromMinutes(10), Services, CreateServiceAsync),
            await RowAsync(server, "create ConfigMaps", TimeSpan.FromMinutes(10), Namespaces * 5, CreateMapAsync),
        };
        await Task.Delay(Calm);
        var held = server.Resident().Now;
        List<ListResult> lists =
        [
            await ListResult.MeasureAsync(client, "all 5,000 pods", "/api/v1/pods", 15),
            await ListResult.MeasureAsync(client, "all 5,000 pods by label (100 found)", "/api/v1/pods?labelSelector=app%3Dapp-7", 15),
            await ListResult.MeasureAsync(client, "the 25 pods of a namespace", $"/api/v1/namespaces/{Namespace(7)}/pods", 15),
        ];
        rows.Add(await RowAsync(server, "patch pod status as fast as it goes, nobody watches", time, int.MaxValue, PatchStatusAsync));
        rows.Add(await WatchedAsync(server, "patch ConfigMaps, 200 watchers, each of its own namespace's", time, i => $"/api/v1/namespaces/{Namespace(i)}/configmaps", PatchMapAsync));
        rows.Add(await WatchedAsync(server, "patch pod status as fast as it goes, 200 watchers, each of its own namespace's pods", time, i => $"/api/v1/namespaces/{Namespace(i)}/pods", PatchStatusAsync));
        rows.Add(await WatchedAsync(server, "patch pod status 200 times a second, 200 watchers, each of all pods", time, _ => "/api/v1/pods", PatchStatusAsync, perSecond: 200));
        rows.Add(await WatchedAsync(server, "patch pod status as fast as it goes, 200 watchers, each of all pods", time, _ => "/api/v1/pods", PatchStatusAsync));
        await Task.Delay(Calm);
        var (now, most) = server.Resident();
        return new ApiResult { EmptyBytes = empty, HeldBytes = held, LoadedBytes = now, MostBytes = most, Rows = rows, Lists = lists, Many = null, Etcd = null };
    }

    private static async Task<ApiRow> WatchedAsync(ApiServerProcess server, string what, TimeSpan time, Func<int, string> path, Func<ApiClient, int, Task> write, int? perSecond = null)
    {
        using var client = new ApiClient(server.Kubeconfig);
        var revision = (await client.GetAsync("/api/v1/pods?limit=1"))["metadata"]!["resourceVersion"]!.GetValue<string>();
        using var watchers = await Watchers.OpenAsync(server.Kubeconfig, Namespaces, i => $"{path(i)}?watch=true&resourceVersion={revision}");
        var row = await RowAsync(server, what, time, int.MaxValue, write, watchers, perSecond);
        return watchers.Ended == 0 ? row : row with { What = $"{row.What} (of whom {watchers.Ended} could not keep up and were told to list anew)" };
    }

    private static async Task<ApiRow> RowAsync(
        ApiServerProcess server, string what, TimeSpan time, int most, Func<ApiClient, int, Task> write, Watchers? watchers = null, int? perSecond = null)
    {
        var before = server.Processor();
        var seen = watchers?.Events ?? 0;
        var writes = await WriteLoad.RunAsync(server.Kubeconfig, time, most, write, perSecond);
        var row = new ApiRow(what, writes, (server.Processor() - before) / writes.Took, ((watchers?.Events ?? 0) - seen) / writes.Took.TotalSeconds);
        Console.WriteLine(FormattableString.Invariant($"{what}: {writes.PerSecond:0}/s, p50 {writes.P50:0.0} ms, p99 {writes.P99:0.0} ms, server {row.ServerCores:0.00} cores, {row.EventsPerSecond:0} events/s"));
        return row;
    }

    private static Task CreatePodAsync(ApiClient client, int i) =>
        client.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{Namespace(i)}/pods", BenchObjects.Pod($"pod-{i}", i));

    private static Task CreateServiceAsync(ApiClient client, int i) =>
        client.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{Namespace(i)}/services", BenchObjects.Service($"service-{i}", i));

    private static Task CreateMapAsync(ApiClient client, int i) =>
        client.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{Namespace(i)}/configmaps", BenchObjects.ConfigMap($"map-{i % (Namespaces * 5)}", i));

    private static Task PatchMapAsync(ApiClient client, int i) => client.SendAsync(
        HttpMethod.Patch, $"/api/v1/namespaces/{Namespace(i)}/configmaps/map-{i % (Namespaces * 5)}", System.Text.Encoding.UTF8.GetBytes($$"""{"data":{"number":"{{i}}"} }"""), "application/merge-patch+json");

    /// <summary>The number counts on over all loads: the same status again would be no write.</summary>
    private static Task PatchStatusAsync(ApiClient client, int _)
    {
        var i = Interlocked.Increment(ref status);
        return client.SendAsync(
            HttpMethod.Patch, $"/api/v1/namespaces/{Namespace(i % Pods)}/pods/pod-{i % Pods}/status", BenchObjects.PodStatus(i), "application/merge-patch+json");
    }

    private static string Namespace(int i) => $"bench-{i % Namespaces}";
}
