using Mesh.Api.Health;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1HealthCheck), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class HealthCheckController(MeshState state, StatusSink statuses) : IEntityController<V1HealthCheck>
{
    public Task<ReconciliationResult<V1HealthCheck>> ReconcileAsync(V1HealthCheck entity, CancellationToken cancellationToken)
    {
        statuses.Observed(entity);
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1HealthCheck>.Success(entity));
    }

    public Task<ReconciliationResult<V1HealthCheck>> DeletedAsync(V1HealthCheck entity, CancellationToken cancellationToken)
    {
        statuses.Gone(entity);
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1HealthCheck>.Success(entity));
    }
}
