using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1VirtualService), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class VirtualServiceController(MeshState state) : IEntityController<V1VirtualService>
{
    public Task<ReconciliationResult<V1VirtualService>> ReconcileAsync(V1VirtualService entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1VirtualService>.Success(entity));
    }

    public Task<ReconciliationResult<V1VirtualService>> DeletedAsync(V1VirtualService entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1VirtualService>.Success(entity));
    }
}
