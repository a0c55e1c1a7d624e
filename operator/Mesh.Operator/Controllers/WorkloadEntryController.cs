using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1WorkloadEntry), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class WorkloadEntryController(MeshState state, StatusSink statuses) : IEntityController<V1WorkloadEntry>
{
    public Task<ReconciliationResult<V1WorkloadEntry>> ReconcileAsync(V1WorkloadEntry entity, CancellationToken cancellationToken)
    {
        statuses.Observed(entity);
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1WorkloadEntry>.Success(entity));
    }

    public Task<ReconciliationResult<V1WorkloadEntry>> DeletedAsync(V1WorkloadEntry entity, CancellationToken cancellationToken)
    {
        statuses.Gone(entity);
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1WorkloadEntry>.Success(entity));
    }
}
