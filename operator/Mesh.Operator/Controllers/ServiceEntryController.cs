using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1ServiceEntry), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class ServiceEntryController(MeshState state, StatusSink statuses) : IEntityController<V1ServiceEntry>
{
    public Task<ReconciliationResult<V1ServiceEntry>> ReconcileAsync(V1ServiceEntry entity, CancellationToken cancellationToken)
    {
        statuses.Observed(entity);
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1ServiceEntry>.Success(entity));
    }

    public Task<ReconciliationResult<V1ServiceEntry>> DeletedAsync(V1ServiceEntry entity, CancellationToken cancellationToken)
    {
        statuses.Gone(entity);
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1ServiceEntry>.Success(entity));
    }
}
