using k8s.Models;

namespace Mesh.Local.Node.Volumes;

/// <summary>Where volumes and environments take their objects from; each answers null for what does not exist.</summary>
internal sealed record VolumeObjects
{
    public required Func<string, string, CancellationToken, Task<V1ConfigMap?>> ConfigMap { get; init; }

    public required Func<string, string, CancellationToken, Task<V1Secret?>> Secret { get; init; }

    /// <summary>A token of the pod's service account: pod, audience (null: the API's own), seconds it is good for.</summary>
    public required Func<V1Pod, string?, long, CancellationToken, Task<string>> Token { get; init; }
}
