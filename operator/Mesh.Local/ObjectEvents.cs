using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using k8s.Models;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Local;

/// <summary>Writes Events in their order and off the way of those who tell them; the same one again counts up.</summary>
internal sealed class ObjectEvents(KubernetesApi api, TimeProvider time, ILogger log)
{
    private const int MostWaiting = 4096;
    private const int MostKnown = 10_000;

    private readonly Channel<(ObjectEvent Event, DateTime At)> _waiting =
        Channel.CreateBounded<(ObjectEvent, DateTime)>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Dictionary<string, int> _counts = [];

    public void Tell(ObjectEvent said) => _waiting.Writer.TryWrite((said, time.GetUtcNow().UtcDateTime));

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var (said, at) in _waiting.Reader.ReadAllAsync(cancellation)) await WriteAsync(said, at, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The teller ends; what was not written is of no use any more.
        }
    }

    private async Task WriteAsync(ObjectEvent said, DateTime at, CancellationToken cancellation)
    {
        var about = said.Regarding;
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{about.Uid}\n{about.FieldPath}\n{said.Reason}\n{said.Message}"));
        var name = $"{about.Name}.{Convert.ToHexStringLower(digest, 0, 8)}";
        try
        {
            if (_counts.Count > MostKnown) _counts.Clear();
            if (_counts.TryGetValue(name, out var count))
            {
                _counts[name] = ++count;
                await api.PatchAsync<Corev1Event>(new EntityKey(NamespaceOf(about), name), new { count, lastTimestamp = at }, null, cancellation);
                return;
            }

            _counts[name] = 1;
            await api.CreateAsync(Build(said, at, name), cancellation);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or TimeoutException or IOException)
        {
            log.LogDebug("Event {Reason} on {Kind} {Name} could not be written: {Why}", said.Reason, about.Kind, about.Name, e.Message);
        }
    }

    private static Corev1Event Build(ObjectEvent said, DateTime at, string name) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = NamespaceOf(said.Regarding) },
        InvolvedObject = said.Regarding,
        Reason = said.Reason,
        Message = said.Message.Length <= 1000 ? said.Message : said.Message[..1000] + "…",
        Type = said.Warning ? "Warning" : "Normal",
        Count = 1,
        FirstTimestamp = at,
        LastTimestamp = at,
        Source = new V1EventSource { Component = said.Component, Host = said.Host },
        ReportingComponent = said.Component,
        ReportingInstance = said.Host ?? "",
    };

    /// <summary>Events of what has no namespace stand in the default one.</summary>
    private static string NamespaceOf(V1ObjectReference about) => about.NamespaceProperty is { Length: > 0 } ns ? ns : "default";
}
