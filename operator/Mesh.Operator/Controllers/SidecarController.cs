using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1Sidecar), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class SidecarController(MeshState state, StatusSink statuses) : IEntityController<V1Sidecar>
{
    public Task<ReconciliationResult<V1Sidecar>> ReconcileAsync(V1Sidecar entity, CancellationToken cancellationToken)
    {
        statuses.Observed(entity);
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1Sidecar>.Success(entity));
    }

    public Task<ReconciliationResult<V1Sidecar>> DeletedAsync(V1Sidecar entity, CancellationToken cancellationToken)
    {
        statuses.Gone(entity);
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1Sidecar>.Success(entity));
    }
}
