using k8s.Models;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1EndpointSlice), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class EndpointSliceController(MeshState state) : IEntityController<V1EndpointSlice>
{
    public Task<ReconciliationResult<V1EndpointSlice>> ReconcileAsync(V1EndpointSlice entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1EndpointSlice>.Success(entity));
    }

    public Task<ReconciliationResult<V1EndpointSlice>> DeletedAsync(V1EndpointSlice entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1EndpointSlice>.Success(entity));
    }
}
