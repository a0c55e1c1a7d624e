using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.Operator.Sinks;

/// <summary>The config a pod should have.</summary>
public sealed record RecordOrder
{
    public required EntityKey Pod { get; init; }

    public required string PodUid { get; init; }

    /// <summary>Name of the ConfigMap, as the injector stamped it on the pod; empty for a pod that has none.</summary>
    public required string ConfigName { get; init; }

    /// <summary>Hash of the whole config.</summary>
    public required string Hash { get; init; }

    public required ImmutableArray<Section> Sections { get; init; }

    /// <summary>False for a pod whose sidecar came by a file: it is told over its control session alone.</summary>
    public bool HasRecord => ConfigName.Length > 0;

    public EntityKey Record => new(Pod.Namespace, ConfigName);
}
