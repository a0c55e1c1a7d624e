using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1VirtualService), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class VirtualServiceController(MeshState state, StatusSink statuses) : IEntityController<V1VirtualService>
{
    public Task<ReconciliationResult<V1VirtualService>> ReconcileAsync(V1VirtualService entity, CancellationToken cancellationToken)
    {
        statuses.Observed(entity);
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1VirtualService>.Success(entity));
    }

    public Task<ReconciliationResult<V1VirtualService>> DeletedAsync(V1VirtualService entity, CancellationToken cancellationToken)
    {
        statuses.Gone(entity);
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1VirtualService>.Success(entity));
    }
}
