using k8s.Models;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

/// <summary>Whom Istio beside this mesh trusts.</summary>
[EntityRbac(typeof(NeighbourRoots), Verbs = RbacVerb.List | RbacVerb.Watch)]
public sealed class NeighbourRootsController(MeshState state) : IEntityController<NeighbourRoots>
{
    public Task<ReconciliationResult<NeighbourRoots>> ReconcileAsync(NeighbourRoots entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Put(new V1ConfigMap { Metadata = entity.Metadata, Data = entity.Data }));
        return Task.FromResult(ReconciliationResult<NeighbourRoots>.Success(entity));
    }

    public Task<ReconciliationResult<NeighbourRoots>> DeletedAsync(NeighbourRoots entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Remove(new V1ConfigMap { Metadata = entity.Metadata }));
        return Task.FromResult(ReconciliationResult<NeighbourRoots>.Success(entity));
    }
}
