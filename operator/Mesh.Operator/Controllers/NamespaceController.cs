using k8s.Models;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1Namespace), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class NamespaceController(MeshState state) : IEntityController<V1Namespace>
{
    public Task<ReconciliationResult<V1Namespace>> ReconcileAsync(V1Namespace entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1Namespace>.Success(entity));
    }

    public Task<ReconciliationResult<V1Namespace>> DeletedAsync(V1Namespace entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1Namespace>.Success(entity));
    }
}
