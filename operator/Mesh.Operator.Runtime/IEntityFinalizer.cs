using k8s;
using k8s.Models;

namespace Mesh.Operator.Runtime;

/// <summary>Cleans up before an object may go. The runtime adds the identifier to the object and removes it on success.</summary>
public interface IEntityFinalizer<TEntity> where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The object is being deleted and still carries this finalizer.</summary>
    Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken);
}
