using k8s.Models;

namespace Mesh.Local.Node.Pods;

/// <summary>What a pod's worker tells the API.</summary>
internal sealed record PodApi
{
    /// <summary>Writes the status; false when the pod no longer exists.</summary>
    public required Func<V1Pod, V1PodStatus, CancellationToken, Task<bool>> WriteStatus { get; init; }

    /// <summary>Takes the object away for good, its containers having ended.</summary>
    public required Func<V1Pod, CancellationToken, Task> Remove { get; init; }

    public required Action<PodEvent> Tell { get; init; }
}
