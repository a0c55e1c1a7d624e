using System.Security.Cryptography;
using System.Text;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Mesh.Operator.Runtime;

/// <summary>
/// Writes Events (events.k8s.io/v1) about objects. The same event again becomes one more in its series rather than a new
/// object. An Event that cannot be written is logged and dropped: it informs, nothing depends on it.
/// </summary>
[EntityRbac(typeof(Eventsv1Event), Verbs = RbacVerb.Create | RbacVerb.Patch | RbacVerb.Get)]
public sealed class EventPublisher(IKubernetesClient client, OperatorSettings settings, TimeProvider time, ILogger<EventPublisher> log)
{
    public async Task PublishAsync(
        IKubernetesObject<V1ObjectMeta> about, string reason, string message, EventType type = EventType.Normal, CancellationToken cancellationToken = default)
    {
        var kind = ResourceKind.Of(about.GetType());
        // Events about cluster-scoped objects live in the namespace default.
        var @namespace = string.IsNullOrEmpty(about.Metadata.NamespaceProperty) ? "default" : about.Metadata.NamespaceProperty;
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{kind.Kind}\n{about.Metadata.Uid}\n{reason}\n{type}\n{message}"));
        var name = $"{about.Metadata.Name}.{Convert.ToHexStringLower(digest.AsSpan(0, 8))}";
        try
        {
            await WriteAsync(about, kind, new EntityKey(@namespace, name), reason, message, type, cancellationToken);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or TimeoutException)
        {
            log.LogWarning("Event {Reason} on {Kind} {Object} could not be written: {Why}", reason, kind.Kind, EntityKey.Of(about.Metadata), e.Message);
        }
    }

    private async Task WriteAsync(
        IKubernetesObject<V1ObjectMeta> about, ResourceKind kind, EntityKey key, string reason, string message, EventType type, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var before = await client.GetAsync<Eventsv1Event>(key.Name, key.Namespace, cancellationToken);
        if (before is not null)
        {
            var count = (before.Series?.Count ?? 1) + 1;
            await client.PatchAsync<Eventsv1Event>(
                key, new { series = new { count, lastObservedTime = MicroTime(now) } }, cancellationToken: cancellationToken);
            return;
        }

        await client.CreateAsync(
            new Eventsv1Event
            {
                Metadata = new V1ObjectMeta { Name = key.Name, NamespaceProperty = key.Namespace },
                EventTime = now,
                Action = reason,
                Reason = reason,
                // The API refuses notes of more than 1 KiB.
                Note = message.Length <= 1000 ? message : message[..1000] + "…",
                Type = type.ToString(),
                Regarding = new V1ObjectReference
                {
                    ApiVersion = kind.ApiVersion,
                    Kind = kind.Kind,
                    Name = about.Metadata.Name,
                    NamespaceProperty = about.Metadata.NamespaceProperty,
                    Uid = about.Metadata.Uid,
                    ResourceVersion = about.Metadata.ResourceVersion,
                },
                ReportingController = settings.Name,
                ReportingInstance = settings.Identity,
            },
            cancellationToken);
    }

    private static string MicroTime(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
}
