using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

/// <summary>Whose the definitions of the mesh's kinds are: where they are another's, so is the status in part.</summary>
[EntityRbac(typeof(DefinitionMetadata), Verbs = RbacVerb.List | RbacVerb.Watch)]
public sealed class DefinitionController(MeshState state) : IEntityController<DefinitionMetadata>
{
    public Task<ReconciliationResult<DefinitionMetadata>> ReconcileAsync(DefinitionMetadata entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.PutDefinition(entity.Metadata));
        return Task.FromResult(ReconciliationResult<DefinitionMetadata>.Success(entity));
    }

    public Task<ReconciliationResult<DefinitionMetadata>> DeletedAsync(DefinitionMetadata entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.RemoveDefinition(entity.Metadata));
        return Task.FromResult(ReconciliationResult<DefinitionMetadata>.Success(entity));
    }
}
