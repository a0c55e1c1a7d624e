using System.Collections.Immutable;
using k8s;
using k8s.Models;

namespace Mesh.Operator.Runtime;

/// <summary>A mutation webhook's answer: the object as it should be, or a refusal.</summary>
public sealed record MutationResult<TEntity> where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Null: as it came.</summary>
    public TEntity? Modified { get; init; }

    /// <summary>Null: allowed.</summary>
    public AdmissionStatus? Refusal { get; init; }

    public ImmutableArray<string> Warnings { get; init; } = [];
}
