using System.Globalization;
using k8s.Models;
using Mesh.Api;

namespace Mesh.Operator.Sinks;

/// <summary>What is known of a config record in the cluster.</summary>
public sealed record RecordState
{
    public required string Uid { get; init; }

    public required string ResourceVersion { get; init; }

    public required string Hash { get; init; }

    public required long Revision { get; init; }

    /// <summary>Uid of the pod that owns it; empty when it is not one of ours.</summary>
    public required string OwnerUid { get; init; }

    /// <summary>Name of that pod.</summary>
    public required string OwnerName { get; init; }

    /// <summary>Carries the label by which records are watched.</summary>
    public required bool IsLabelled { get; init; }

    /// <summary>For the next write, which keeps what others put on it.</summary>
    public required V1ObjectMeta Metadata { get; init; }

    /// <summary>Its content was written or compared by this process at this resourceVersion.</summary>
    public bool Verified { get; init; }

    public static RecordState Of(V1ObjectMeta metadata, bool verified)
    {
        var labelled = Value(metadata.Labels, MeshLabels.Record) == MeshLabels.RecordProxyConfig;
        // Someone may have taken the label off; what else we put on it still tells that it is ours.
        var ours = labelled || Value(metadata.Annotations, MeshLabels.Hash) is not null;
        var owner = ours ? metadata.OwnerReferences?.FirstOrDefault(o => o.Kind == V1Pod.KubeKind) : null;
        return new RecordState
        {
            Uid = metadata.Uid ?? "",
            ResourceVersion = metadata.ResourceVersion ?? "",
            Hash = Value(metadata.Annotations, MeshLabels.Hash) ?? "",
            Revision = long.TryParse(Value(metadata.Annotations, MeshLabels.RecordRevision), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0,
            OwnerUid = owner?.Uid ?? "",
            OwnerName = owner?.Name ?? "",
            IsLabelled = labelled,
            Metadata = metadata,
            Verified = verified,
        };
    }

    private static string? Value(IDictionary<string, string>? map, string key) => map is not null && map.TryGetValue(key, out var value) ? value : null;
}
