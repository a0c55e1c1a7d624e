using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

/// <summary>What stands in each namespace's mesh-root now, for the sink that keeps them.</summary>
[EntityRbac(typeof(TrustMap), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class TrustMapController(TrustSink sink) : IEntityController<TrustMap>
{
    public Task<ReconciliationResult<TrustMap>> ReconcileAsync(TrustMap entity, CancellationToken cancellationToken)
    {
        sink.Observed(entity);
        return Task.FromResult(ReconciliationResult<TrustMap>.Success(entity));
    }

    public Task<ReconciliationResult<TrustMap>> DeletedAsync(TrustMap entity, CancellationToken cancellationToken)
    {
        sink.Gone(entity);
        return Task.FromResult(ReconciliationResult<TrustMap>.Success(entity));
    }
}
