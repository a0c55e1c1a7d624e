using Mesh.Api.Security;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1PeerAuthentication), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class PeerAuthenticationController(MeshState state, StatusSink statuses) : IEntityController<V1PeerAuthentication>
{
    public Task<ReconciliationResult<V1PeerAuthentication>> ReconcileAsync(V1PeerAuthentication entity, CancellationToken cancellationToken)
    {
        statuses.Observed(entity);
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1PeerAuthentication>.Success(entity));
    }

    public Task<ReconciliationResult<V1PeerAuthentication>> DeletedAsync(V1PeerAuthentication entity, CancellationToken cancellationToken)
    {
        statuses.Gone(entity);
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1PeerAuthentication>.Success(entity));
    }
}
