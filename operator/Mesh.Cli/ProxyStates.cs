using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Config;
using Mesh.Local;
using Mesh.Local.Node.Linux;

namespace Mesh.Cli;

/// <summary>Compares each injected pod's record with what its proxy reports. The API is asked for the first, the proxies for the second.</summary>
internal sealed class ProxyStates(MeshPaths paths, MeshRecord mesh) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly NetworkNamespace _node = NetworkNamespace.Open(mesh.NodeNetwork);

    public async Task<IReadOnlyList<ProxyState>> ReadAsync(CancellationToken cancellation)
    {
        using var kubernetes = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(paths.Kubeconfig));
        var pods = await kubernetes.CoreV1.ListPodForAllNamespacesAsync(cancellationToken: cancellation);
        var records = await kubernetes.CoreV1.ListConfigMapForAllNamespacesAsync(labelSelector: $"{MeshLabels.Record}={MeshLabels.RecordProxyConfig}", cancellationToken: cancellation);
        var byName = records.Items.ToDictionary(r => (r.Metadata.NamespaceProperty, r.Metadata.Name));
        using var http = NewClient();
        var states = await Task.WhenAll(pods.Items
            .Where(p => p.Metadata.Annotations?.ContainsKey(MeshLabels.Config) == true && p.Status?.Phase is not ("Succeeded" or "Failed"))
            .Select(p => StateAsync(http, p, byName.GetValueOrDefault((p.Metadata.NamespaceProperty, p.Metadata.Annotations[MeshLabels.Config])), cancellation)));
        return [.. states.OrderBy(s => s.Namespace, StringComparer.Ordinal).ThenBy(s => s.Pod, StringComparer.Ordinal)];
    }

    public void Dispose() => _node.Dispose();

    /// <summary>Decides; pure.</summary>
    internal static ProxyState Compare(V1Pod pod, V1ConfigMap? record, ProxyReport? report, string? silence)
    {
        var wanted = long.TryParse(Annotation(record, MeshLabels.RecordRevision), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0;
        var hash = Annotation(record, MeshLabels.Hash);
        var same = report is { Hash.Length: > 0 } && report.Hash == hash;
        var why = record is null ? "the operator has written no config yet"
            : silence is not null ? silence
            : report!.Refused is { } refused && !same ? $"revision {refused.Revision} was refused: {string.Join("; ", refused.Problems.Select(p => $"{p.Path}: {p.Message}"))}"
            : same ? ""
            : report.Revision == 0 ? "has no config yet"
            : report.Revision > wanted ? "holds a newer revision than the record"
            : "has not loaded the newest revision yet";
        return new ProxyState
        {
            Namespace = pod.Metadata.NamespaceProperty,
            Pod = pod.Metadata.Name,
            Wanted = wanted,
            Held = report?.Revision,
            InSync = same,
            Why = why,
            Version = report?.Version ?? "",
        };
    }

    private static string? Annotation(V1ConfigMap? record, string name) =>
        record?.Metadata.Annotations?.TryGetValue(name, out var value) == true ? value : null;

    private static async Task<ProxyState> StateAsync(HttpClient http, V1Pod pod, V1ConfigMap? record, CancellationToken cancellation)
    {
        if (pod.Status?.PodIP is not { Length: > 0 } ip) return Compare(pod, record, null, "the pod has no address yet");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            var report = await http.GetFromJsonAsync($"http://{ip}:{WellKnown.StatusPort}/report", ProxyConfigJson.Default.ProxyReport, limit.Token);
            return Compare(pod, record, report, null);
        }
        catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return Compare(pod, record, null, e is OperationCanceledException ? $"no answer from the proxy within {Patience.TotalSeconds:0} s" : $"no answer from the proxy: {e.Message}");
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
