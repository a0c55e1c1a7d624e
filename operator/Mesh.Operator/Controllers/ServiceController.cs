using k8s.Models;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1Service), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class ServiceController(MeshState state) : IEntityController<V1Service>
{
    public Task<ReconciliationResult<V1Service>> ReconcileAsync(V1Service entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1Service>.Success(entity));
    }

    public Task<ReconciliationResult<V1Service>> DeletedAsync(V1Service entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1Service>.Success(entity));
    }
}
