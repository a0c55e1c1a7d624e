using k8s.Models;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Controllers;

/// <summary>The mesh-wide settings: one ConfigMap, reloaded live.</summary>
[EntityRbac(typeof(V1ConfigMap), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class MeshSettingsController(MeshState state) : IEntityController<V1ConfigMap>
{
    public Task<ReconciliationResult<V1ConfigMap>> ReconcileAsync(V1ConfigMap entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Put(entity));
        return Task.FromResult(ReconciliationResult<V1ConfigMap>.Success(entity));
    }

    public Task<ReconciliationResult<V1ConfigMap>> DeletedAsync(V1ConfigMap entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1ConfigMap>.Success(entity));
    }
}
