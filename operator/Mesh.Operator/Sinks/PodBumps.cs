using System.Collections.Concurrent;
using System.Globalization;
using k8s.Models;
using Mesh.Api;

namespace Mesh.Operator.Sinks;

/// <summary>
/// The annotation by which a pod is told that its record was written: the kubelet refreshes the mount at once when the pod
/// changes, instead of within 90 s. Which number a pod has is remembered, so that none is written twice.
/// </summary>
[EntityRbac(typeof(V1Pod), Verbs = RbacVerb.Patch)]
public sealed class PodBumps(IKubernetesClient client)
{
    private readonly ConcurrentDictionary<string, long> _bumped = new();
    private readonly ConcurrentDictionary<string, string> _credentials = new();

    /// <summary>A pod as the cluster has it now: which bump it has had (a former operator's too).</summary>
    public void Observed(V1Pod pod)
    {
        if (pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(MeshLabels.ConfigRevision, out var text)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
            _bumped.AddOrUpdate(pod.Metadata.Uid, revision, (_, known) => Math.Max(known, revision));
        if (pod.Metadata.Annotations is { } told && told.TryGetValue(MeshLabels.Credentials, out var hash)) _credentials.TryAdd(pod.Metadata.Uid, hash);
    }

    public void Forget(string podUid)
    {
        _bumped.TryRemove(podUid, out _);
        _credentials.TryRemove(podUid, out _);
    }

    public async Task BumpAsync(RecordOrder order, long revision, CancellationToken cancellationToken)
    {
        if (_bumped.GetValueOrDefault(order.PodUid) == revision) return;
        await TellAsync(order.Pod, order.PodUid, MeshLabels.ConfigRevision, revision.ToString(CultureInfo.InvariantCulture), cancellationToken);
        _bumped[order.PodUid] = revision;
    }

    /// <summary>The same for the mount of its credentials; null: it has none any more.</summary>
    public async Task TellCredentialsAsync(EntityKey pod, string podUid, string? hash, CancellationToken cancellationToken)
    {
        if (_credentials.GetValueOrDefault(podUid) == hash) return;
        await TellAsync(pod, podUid, MeshLabels.Credentials, hash, cancellationToken);
        if (hash is null) _credentials.TryRemove(podUid, out _);
        else _credentials[podUid] = hash;
    }

    /// <summary>The format that its sidecar says it reads.</summary>
    public Task TellFormatAsync(EntityKey pod, string podUid, int format, CancellationToken cancellationToken) =>
        TellAsync(pod, podUid, MeshLabels.Format, format.ToString(CultureInfo.InvariantCulture), cancellationToken);

    private async Task TellAsync(EntityKey pod, string podUid, string annotation, string? value, CancellationToken cancellationToken)
    {
        try
        {
            // The uid keeps it from touching another pod of the same name (409).
            await client.PatchAsync<V1Pod>(pod, new { metadata = new { uid = podUid, annotations = new Dictionary<string, string?> { [annotation] = value } } }, cancellationToken: cancellationToken);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // The pod went meanwhile; its event is on the way.
        }
    }
}
