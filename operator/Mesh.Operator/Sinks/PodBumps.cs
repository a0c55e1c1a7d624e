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

    /// <summary>A pod as the cluster has it now: which bump it has had (a former operator's too).</summary>
    public void Observed(V1Pod pod)
    {
        if (pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(MeshLabels.ConfigRevision, out var text)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
            _bumped.AddOrUpdate(pod.Metadata.Uid, revision, (_, known) => Math.Max(known, revision));
    }

    public void Forget(string podUid) => _bumped.TryRemove(podUid, out _);

    public async Task BumpAsync(RecordOrder order, long revision, CancellationToken cancellationToken)
    {
        if (_bumped.GetValueOrDefault(order.PodUid) == revision) return;
        try
        {
            // The uid keeps it from touching another pod of the same name (409).
            await client.PatchAsync<V1Pod>(
                order.Pod,
                new
                {
                    metadata = new
                    {
                        uid = order.PodUid,
                        annotations = new Dictionary<string, string> { [MeshLabels.ConfigRevision] = revision.ToString(CultureInfo.InvariantCulture) },
                    },
                },
                cancellationToken: cancellationToken);
            _bumped[order.PodUid] = revision;
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // The pod went meanwhile; its event is on the way.
        }
    }
}
