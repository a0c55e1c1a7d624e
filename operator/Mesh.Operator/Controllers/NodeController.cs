using k8s.Models;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1Node), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class NodeController(MeshState state) : IEntityController<V1Node>
{
    public Task<ReconciliationResult<V1Node>> ReconcileAsync(V1Node entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1Node>.Success(entity));
    }

    public Task<ReconciliationResult<V1Node>> DeletedAsync(V1Node entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1Node>.Success(entity));
    }
}
