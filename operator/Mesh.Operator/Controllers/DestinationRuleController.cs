using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1DestinationRule), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class DestinationRuleController(MeshState state, StatusSink statuses) : IEntityController<V1DestinationRule>
{
    public Task<ReconciliationResult<V1DestinationRule>> ReconcileAsync(V1DestinationRule entity, CancellationToken cancellationToken)
    {
        statuses.Observed(entity);
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1DestinationRule>.Success(entity));
    }

    public Task<ReconciliationResult<V1DestinationRule>> DeletedAsync(V1DestinationRule entity, CancellationToken cancellationToken)
    {
        statuses.Gone(entity);
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1DestinationRule>.Success(entity));
    }
}
