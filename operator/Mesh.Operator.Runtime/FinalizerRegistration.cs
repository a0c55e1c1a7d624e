using k8s;
using k8s.Models;

namespace Mesh.Operator.Runtime;

/// <summary>A finalizer and the identifier it puts on objects (<c>group/name</c>).</summary>
public sealed record FinalizerRegistration<TEntity>(string Identifier, IEntityFinalizer<TEntity> Finalizer)
    where TEntity : IKubernetesObject<V1ObjectMeta>;
