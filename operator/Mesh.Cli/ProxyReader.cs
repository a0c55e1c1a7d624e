using System.Collections.Immutable;
using System.Text.Json;
using k8s.Models;
using Mesh.Api;
using Mesh.Cli.Clusters;
using Mesh.Config;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Runtime;

namespace Mesh.Cli;

/// <summary>Asks the API for each injected pod and its record, and the proxies themselves, through the API server, for their reports.</summary>
internal sealed class ProxyReader(KubernetesCluster cluster)
{
    // Each costs the API server and a kubelet a connection for a moment.
    private const int AtOnce = 16;

    /// <summary>So long one pod may take, its connection included. Default 5 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    public async Task<ProxyReadings> ReadAsync(PodScope scope, CancellationToken cancellation)
    {
        var pods = await scope.PodsAsync(cluster, cancellation);
        var injected = pods
            .Where(pod => (RecordOf(pod) is not null || InjectionPolicy.HasSidecar(pod.Spec)) && pod.Status?.Phase is not ("Succeeded" or "Failed"))
            .OrderBy(pod => pod.Metadata.NamespaceProperty, StringComparer.Ordinal).ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal).ToList();
        var readings = new ProxyReading[injected.Count];
        var bound = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForAsync(0, injected.Count, bound, async (at, token) => readings[at] = await ReadAsync(injected[at], token));
        return new ProxyReadings { Proxies = [.. readings], PodsByAddress = PodsByAddress(pods) };
    }

    // An address that several pods share (those on the node's network) names none of them.
    internal static ImmutableDictionary<string, string> PodsByAddress(IEnumerable<V1Pod> pods) => pods
        .Where(p => p.Status?.Phase is not ("Succeeded" or "Failed"))
        .SelectMany(p => (p.Status?.PodIPs ?? []).Select(ip => ip.Ip).Append(p.Status?.PodIP).Where(ip => !string.IsNullOrEmpty(ip)).Distinct().Select(ip => (Address: ip!, Pod: p)))
        .GroupBy(pair => pair.Address, pair => $"{pair.Pod.Metadata.NamespaceProperty}/{pair.Pod.Metadata.Name}")
        .Where(group => group.Count() == 1)
        .ToImmutableDictionary(group => group.Key, group => group.First());

    private async Task<ProxyReading> ReadAsync(V1Pod pod, CancellationToken cancellation)
    {
        // One at a time and only what is compared: the records of a large mesh do not fit into memory together.
        var record = RecordOf(pod) is { } name ? await cluster.CallAsync(api => api.GetAsync<V1ConfigMap>(name, pod.Metadata.NamespaceProperty, cancellation)) : null;
        var reading = new ProxyReading { Pod = pod, Record = record is null ? null : ProxyRecord.Of(record) };
        if (pod.Status?.PodIP is not { Length: > 0 }) return reading with { Silence = "the pod has no address yet" };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            var report = await cluster.AskAsync(EntityKey.Of(pod.Metadata), WellKnown.StatusPort, "report", limit.Token);
            return reading with { Report = JsonSerializer.Deserialize(report, ProxyConfigJson.Default.ProxyReport) };
        }
        catch (Exception e) when (e is IOException or JsonException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return reading with { Silence = e is OperationCanceledException ? $"no answer from the proxy within {Patience.TotalSeconds:0} s" : $"no answer from the proxy: {e.Message}" };
        }
    }

    // A pod whose sidecar came by a file has none.
    private static string? RecordOf(V1Pod pod) => pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(MeshLabels.Config, out var name) ? name : null;
}
