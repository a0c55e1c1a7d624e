using k8s.Models;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Controllers;

/// <summary>The mesh-wide settings: one ConfigMap, reloaded live.</summary>
[EntityRbac(typeof(V1ConfigMap), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
public sealed class MeshSettingsController(MeshState state, EventPublisher events, ILogger<MeshSettingsController> log) : IEntityController<V1ConfigMap>
{
    public async Task<ReconciliationResult<V1ConfigMap>> ReconcileAsync(V1ConfigMap entity, CancellationToken cancellationToken)
    {
        var before = state.Current.Settings;
        state.Apply(snapshot => snapshot.Put(entity));
        var after = state.Current.Settings;
        // A ConfigMap has no status to say what does not act as written.
        if (!ReferenceEquals(before, after))
        {
            foreach (var finding in after.Findings)
            {
                log.LogWarning("{Resource}: {Finding}", finding.Resource, finding);
                await events.PublishAsync(entity, finding.Code, finding.ToString(), EventType.Warning, cancellationToken);
            }
        }

        return ReconciliationResult<V1ConfigMap>.Success(entity);
    }

    public Task<ReconciliationResult<V1ConfigMap>> DeletedAsync(V1ConfigMap entity, CancellationToken cancellationToken)
    {
        state.Apply(snapshot => snapshot.Remove(entity));
        return Task.FromResult(ReconciliationResult<V1ConfigMap>.Success(entity));
    }
}
