using System.Globalization;
using System.Threading.Channels;
using k8s.Models;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Local;

/// <summary>
/// Writes Events in their order and off the way of those who tell them; the same one again counts up. Their names end in the
/// time, as Kubernetes' own do, so that a list of an object's Events shows them in the order in which they came.
/// </summary>
internal sealed class ObjectEvents(KubernetesApi api, TimeProvider time, ILogger log)
{
    private const int MostWaiting = 4096;
    private const int MostKnown = 10_000;

    private readonly Channel<(ObjectEvent Event, DateTime At)> _waiting =
        Channel.CreateBounded<(ObjectEvent, DateTime)>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Dictionary<string, (string Name, int Count)> _known = [];
    private long _lastTick;

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
        var key = $"{about.Kind}\n{about.Uid}\n{about.FieldPath}\n{said.Reason}\n{said.Message}";
        var (name, count) = _known.TryGetValue(key, out var before) ? before : (NewName(about, at), 0);
        if (_known.Count > MostKnown) _known.Clear();
        _known[key] = (name, ++count);
        try
        {
            if (count > 1) await api.PatchAsync<Corev1Event>(new EntityKey(NamespaceOf(about), name), Again(said, at, count), null, cancellation);
            else await api.CreateAsync(Build(said, at, name), cancellation);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or TimeoutException or IOException)
        {
            log.LogDebug("Event {Reason} on {Kind} {Name} could not be written: {Why}", said.Reason, about.Kind, about.Name, e.Message);
        }
    }

    /// <summary>No two in one tick: the second would be the first's name.</summary>
    private string NewName(V1ObjectReference about, DateTime at)
    {
        _lastTick = Math.Max(_lastTick + 1, (at - DateTime.UnixEpoch).Ticks);
        return string.Create(CultureInfo.InvariantCulture, $"{about.Name}.{_lastTick * 100:x}");
    }

    private static Corev1Event Build(ObjectEvent said, DateTime at, string name)
    {
        var written = new Corev1Event
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = NamespaceOf(said.Regarding) },
            InvolvedObject = said.Regarding,
            Reason = said.Reason,
            Message = said.Message.Length <= 1000 ? said.Message : said.Message[..1000] + "…",
            Type = said.Warning ? "Warning" : "Normal",
            ReportingComponent = said.Component,
            ReportingInstance = said.Host ?? "",
        };
        if (said.Action is not null)
        {
            (written.Action, written.EventTime, written.Source) = (said.Action, at, new V1EventSource());
            return written;
        }

        (written.Count, written.FirstTimestamp, written.LastTimestamp) = (1, at, at);
        written.Source = new V1EventSource { Component = said.Component, Host = said.Host };
        return written;
    }

    private static object Again(ObjectEvent said, DateTime at, int count) =>
        said.Action is null ? new { count, lastTimestamp = at } : new { series = new { count, lastObservedTime = at.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture) } };

    /// <summary>Events of what has no namespace stand in the default one.</summary>
    private static string NamespaceOf(V1ObjectReference about) => about.NamespaceProperty is { Length: > 0 } ns ? ns : "default";
}
