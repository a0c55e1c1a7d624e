using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1ProxyConfig), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class ProxyConfigController(MeshState state, StatusSink statuses) : IEntityController<V1ProxyConfig>
{
    public Task<ReconciliationResult<V1ProxyConfig>> ReconcileAsync(V1ProxyConfig entity, CancellationToken cancellationToken)
    {
        statuses.Observed(entity);
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1ProxyConfig>.Success(entity));
    }

    public Task<ReconciliationResult<V1ProxyConfig>> DeletedAsync(V1ProxyConfig entity, CancellationToken cancellationToken)
    {
        statuses.Gone(entity);
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1ProxyConfig>.Success(entity));
    }
}
