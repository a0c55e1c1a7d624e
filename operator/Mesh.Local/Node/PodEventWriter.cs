using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using k8s.Models;
using Mesh.Local.Node.Pods;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Node;

/// <summary>Writes the node's and the scheduler's Events on pods, in their order and off the pods' way; the same one again counts up.</summary>
internal sealed class PodEventWriter(KubernetesApi api, string? node, TimeProvider time, ILogger log)
{
    private const int MostWaiting = 4096;
    private const int MostKnown = 10_000;

    private readonly Channel<(PodEvent Event, string Component, DateTime At)> _waiting =
        Channel.CreateBounded<(PodEvent, string, DateTime)>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Dictionary<string, int> _counts = [];

    public void Tell(PodEvent said) => Tell(said, "kubelet");

    public void Tell(PodEvent said, string component) => _waiting.Writer.TryWrite((said, component, time.GetUtcNow().UtcDateTime));

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var (said, component, at) in _waiting.Reader.ReadAllAsync(cancellation)) await WriteAsync(said, component, at, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The node ends; what was not written is of no use any more.
        }
    }

    private async Task WriteAsync(PodEvent said, string component, DateTime at, CancellationToken cancellation)
    {
        var meta = said.Pod.Metadata;
        var path = said.Container is null ? null : $"spec.{(said.Pod.Spec.InitContainers?.Contains(said.Container) == true ? "initContainers" : "containers")}{{{said.Container.Name}}}";
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{meta.Uid}\n{path}\n{said.Reason}\n{said.Message}"));
        var name = $"{meta.Name}.{Convert.ToHexStringLower(digest, 0, 8)}";
        try
        {
            if (_counts.Count > MostKnown) _counts.Clear();
            if (_counts.TryGetValue(name, out var count))
            {
                _counts[name] = ++count;
                await api.PatchAsync<Corev1Event>(new EntityKey(meta.NamespaceProperty, name), new { count, lastTimestamp = at }, null, cancellation);
                return;
            }

            _counts[name] = 1;
            await api.CreateAsync(Build(said, component, at, name, path), cancellation);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or TimeoutException or IOException)
        {
            log.LogDebug("Event {Reason} on pod {Pod} could not be written: {Why}", said.Reason, meta.Name, e.Message);
        }
    }

    private Corev1Event Build(PodEvent said, string component, DateTime at, string name, string? path) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = said.Pod.Metadata.NamespaceProperty },
        InvolvedObject = new V1ObjectReference
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Name = said.Pod.Metadata.Name,
            NamespaceProperty = said.Pod.Metadata.NamespaceProperty,
            Uid = said.Pod.Metadata.Uid,
            FieldPath = path,
        },
        Reason = said.Reason,
        Message = said.Message.Length <= 1000 ? said.Message : said.Message[..1000] + "…",
        Type = said.Warning ? "Warning" : "Normal",
        Count = 1,
        FirstTimestamp = at,
        LastTimestamp = at,
        Source = new V1EventSource { Component = component, Host = component == "kubelet" ? node : null },
        ReportingComponent = component,
        ReportingInstance = component == "kubelet" ? node : "",
    };
}
