using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Json;
using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Config;
using Mesh.Local;
using Mesh.Local.Node.Linux;
using Mesh.Operator.Core.Injection;

namespace Mesh.Cli;

/// <summary>Asks the API for each injected pod and its record, and the proxies for their reports.</summary>
internal sealed class ProxyReader(MeshPaths paths, MeshRecord mesh) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly NetworkNamespace _node = NetworkNamespace.Open(mesh.NodeNetwork);

    public async Task<ProxyReadings> ReadAsync(CancellationToken cancellation)
    {
        using var kubernetes = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(paths.Kubeconfig));
        var pods = await kubernetes.CoreV1.ListPodForAllNamespacesAsync(cancellationToken: cancellation);
        var records = await kubernetes.CoreV1.ListConfigMapForAllNamespacesAsync(labelSelector: $"{MeshLabels.Record}={MeshLabels.RecordProxyConfig}", cancellationToken: cancellation);
        var byName = records.Items.ToDictionary(r => (r.Metadata.NamespaceProperty, r.Metadata.Name));
        using var http = NewClient();
        var readings = await Task.WhenAll(pods.Items
            .Where(p => (RecordOf(p) is not null || InjectionPolicy.HasSidecar(p.Spec)) && p.Status?.Phase is not ("Succeeded" or "Failed"))
            .Select(p => AskAsync(http, p, byName.GetValueOrDefault((p.Metadata.NamespaceProperty, RecordOf(p) ?? "")), cancellation)));
        return new ProxyReadings
        {
            Proxies = [.. readings.OrderBy(r => r.Pod.Metadata.NamespaceProperty, StringComparer.Ordinal).ThenBy(r => r.Pod.Metadata.Name, StringComparer.Ordinal)],
            PodsByAddress = PodsByAddress(pods.Items),
        };
    }

    // A pod whose sidecar came by a file has none.
    private static string? RecordOf(V1Pod pod) => pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(MeshLabels.Config, out var name) ? name : null;

    public void Dispose() => _node.Dispose();

    // An address that several pods share (those on the node's network) names none of them.
    internal static ImmutableDictionary<string, string> PodsByAddress(IEnumerable<V1Pod> pods) => pods
        .Where(p => p.Status?.Phase is not ("Succeeded" or "Failed"))
        .SelectMany(p => (p.Status?.PodIPs ?? []).Select(ip => ip.Ip).Append(p.Status?.PodIP).Where(ip => !string.IsNullOrEmpty(ip)).Distinct().Select(ip => (Address: ip!, Pod: p)))
        .GroupBy(pair => pair.Address, pair => $"{pair.Pod.Metadata.NamespaceProperty}/{pair.Pod.Metadata.Name}")
        .Where(group => group.Count() == 1)
        .ToImmutableDictionary(group => group.Key, group => group.First());

    private static async Task<ProxyReading> AskAsync(HttpClient http, V1Pod pod, V1ConfigMap? record, CancellationToken cancellation)
    {
        var reading = new ProxyReading { Pod = pod, Record = record };
        if (pod.Status?.PodIP is not { Length: > 0 } ip) return reading with { Silence = "the pod has no address yet" };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            return reading with { Report = await http.GetFromJsonAsync($"http://{ip}:{WellKnown.StatusPort}/report", ProxyConfigJson.Default.ProxyReport, limit.Token) };
        }
        catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return reading with { Silence = e is OperationCanceledException ? $"no answer from the proxy within {Patience.TotalSeconds:0} s" : $"no answer from the proxy: {e.Message}" };
        }
    }

    private HttpClient NewClient()
    {
        var sockets = new NamespaceSockets(_node);
        return new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, token) => await sockets.DialAsync(new IPEndPoint(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port), token),
            UseProxy = false,
        });
    }
}
