using k8s.Models;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

[EntityRbac(typeof(V1Pod), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class PodController(MeshState state, PodBumps bumps) : IEntityController<V1Pod>
{
    public Task<ReconciliationResult<V1Pod>> ReconcileAsync(V1Pod entity, CancellationToken cancellationToken)
    {
        bumps.Observed(entity);
        // A pod is held by its startup probe until it has a config: its first one does not wait for the end of a burst.
        var key = new ObjectKey(entity.Metadata.NamespaceProperty ?? "", entity.Metadata.Name);
        var known = state.Current.Workloads.TryGetValue(key, out var before) && before.Uid == entity.Metadata.Uid;
        var stamped = entity.Metadata.Annotations?.ContainsKey(Api.MeshLabels.Config) == true || InjectionPolicy.HasSidecar(entity.Spec);
        state.Apply(snapshot => snapshot.Put(entity), urgent: stamped && !known);
        return Task.FromResult(ReconciliationResult<V1Pod>.Success(entity));
    }

    public Task<ReconciliationResult<V1Pod>> DeletedAsync(V1Pod entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1Pod>.Success(entity));
    }
}
