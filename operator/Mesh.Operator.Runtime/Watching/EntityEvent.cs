using k8s;
using k8s.Models;

namespace Mesh.Operator.Runtime;

/// <summary>A change that a <see cref="Reflector{TEntity}"/> saw.</summary>
/// <param name="Key">Whose.</param>
/// <param name="Current">What it is now; null when it is gone.</param>
/// <param name="Gone">What was, when an object went (also when another took its name at once); else null.</param>
public sealed record EntityEvent<TEntity>(EntityKey Key, TEntity? Current, TEntity? Gone) where TEntity : class, IKubernetesObject<V1ObjectMeta>;
