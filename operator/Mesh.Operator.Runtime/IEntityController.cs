using k8s;
using k8s.Models;

namespace Mesh.Operator.Runtime;

// The controller runtime, in KubeOps's shape. In come an API server's lists and watches; out go calls to the controllers
// registered with OperatorBuilder, one at a time for each object, and writes through IKubernetesClient. What never happens
// here: anything that knows of a mesh.

/// <summary>Reconciles the objects of one kind.</summary>
public interface IEntityController<TEntity> where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The object exists and is new or changed (or a requeue is due). Never called twice at a time for one object.</summary>
    Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken);

    /// <summary>The object is gone; <paramref name="entity"/> is what was last known of it.</summary>
    Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken);
}
