using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Controllers;

/// <summary>
/// Whose the definitions of the mesh's kinds are: where they are another's, so is the status in part. Where one is replaced by
/// an older or newer one its objects are read anew.
/// </summary>
[EntityRbac(typeof(DefinitionMetadata), Verbs = RbacVerb.List | RbacVerb.Watch)]
public sealed class DefinitionController(MeshState state, DefinitionChanges changes) : IEntityController<DefinitionMetadata>
{
    private readonly Dictionary<string, long> _generations = [];

    public Task<ReconciliationResult<DefinitionMetadata>> ReconcileAsync(DefinitionMetadata entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.PutDefinition(entity.Metadata));
        var generation = entity.Metadata.Generation ?? 0;
        // One that came just now has no objects that were read under another.
        if (_generations.TryGetValue(entity.Metadata.Name, out var known) && known != generation) changes.Tell(entity.Metadata.Name);
        _generations[entity.Metadata.Name] = generation;
        return Task.FromResult(ReconciliationResult<DefinitionMetadata>.Success(entity));
    }

    public Task<ReconciliationResult<DefinitionMetadata>> DeletedAsync(DefinitionMetadata entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.RemoveDefinition(entity.Metadata));
        _generations.Remove(entity.Metadata.Name);
        return Task.FromResult(ReconciliationResult<DefinitionMetadata>.Success(entity));
    }
}
