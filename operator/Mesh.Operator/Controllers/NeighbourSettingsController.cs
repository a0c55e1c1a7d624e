using k8s.Models;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

/// <summary>Under which trust domain Istio beside this mesh gives its identities.</summary>
[EntityRbac(typeof(NeighbourSettings), Verbs = RbacVerb.List | RbacVerb.Watch)]
public sealed class NeighbourSettingsController(MeshState state) : IEntityController<NeighbourSettings>
{
    public Task<ReconciliationResult<NeighbourSettings>> ReconcileAsync(NeighbourSettings entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Put(new V1ConfigMap { Metadata = entity.Metadata, Data = entity.Data }));
        return Task.FromResult(ReconciliationResult<NeighbourSettings>.Success(entity));
    }

    public Task<ReconciliationResult<NeighbourSettings>> DeletedAsync(NeighbourSettings entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Remove(new V1ConfigMap { Metadata = entity.Metadata }));
        return Task.FromResult(ReconciliationResult<NeighbourSettings>.Success(entity));
    }
}
