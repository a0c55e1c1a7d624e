using k8s.Models;
using Mesh.Api;

namespace Mesh.Operator.Credentials;

/// <summary>The Secret with a workload's credentials, as it is written.</summary>
internal static class ComposedSecret
{
    public static V1Secret Write(CredentialOrder order, Dictionary<string, byte[]> files, V1Secret? existing) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = order.Secret.Name,
            NamespaceProperty = order.Secret.Namespace,
            Uid = existing?.Metadata.Uid,
            ResourceVersion = existing?.Metadata.ResourceVersion,
            Labels = new Dictionary<string, string>(existing?.Metadata.Labels ?? new Dictionary<string, string>())
            {
                [MeshLabels.ManagedBy] = MeshLabels.ManagedByOperator,
                [MeshLabels.Record] = MeshLabels.RecordCredentials,
            },
            Annotations = new Dictionary<string, string>(existing?.Metadata.Annotations ?? new Dictionary<string, string>()) { [MeshLabels.Hash] = order.Hash },
            OwnerReferences = [.. order.Pods.Select(pod => new V1OwnerReference { ApiVersion = "v1", Kind = V1Pod.KubeKind, Name = pod.Value, Uid = pod.Key })],
        },
        Type = existing?.Type ?? "Opaque",
        Data = files,
    };

    public static bool IsOurs(V1Secret secret) => secret.Metadata.Labels is { } labels && labels.TryGetValue(MeshLabels.Record, out var record) && record == MeshLabels.RecordCredentials;

    public static bool Holds(V1Secret secret, CredentialOrder order, Dictionary<string, byte[]> files) =>
        secret.Data is { } data && data.Count == files.Count && files.All(file => data.TryGetValue(file.Key, out var bytes) && bytes.AsSpan().SequenceEqual(file.Value))
        && (secret.Metadata.OwnerReferences ?? []).Select(owner => owner.Uid).ToHashSet().SetEquals(order.Pods.Keys)
        && secret.Metadata.Annotations is { } annotations && annotations.TryGetValue(MeshLabels.Hash, out var hash) && hash == order.Hash;
}
