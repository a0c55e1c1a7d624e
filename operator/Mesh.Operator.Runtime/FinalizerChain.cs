using System.Collections.Immutable;
using k8s;
using k8s.Models;

namespace Mesh.Operator.Runtime;

/// <summary>Puts the registered finalizers on objects, and runs and removes them one by one when an object is deleted.</summary>
internal sealed class FinalizerChain<TEntity>(KubernetesApi api, IEnumerable<FinalizerRegistration<TEntity>> registrations)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly ImmutableArray<FinalizerRegistration<TEntity>> _registrations = [.. registrations];

    public bool IsEmpty => _registrations.IsEmpty;

    /// <summary>True when the object had to be written.</summary>
    public async Task<bool> AttachAsync(TEntity entity, CancellationToken cancellationToken)
    {
        var have = entity.Metadata.Finalizers ?? [];
        var missing = _registrations.Select(r => r.Identifier).Except(have).ToList();
        if (missing.Count == 0) return false;
        await WriteAsync(entity, [.. have, .. missing], cancellationToken);
        return true;
    }

    public async Task<ReconciliationResult<TEntity>?> FinalizeAsync(TEntity entity, CancellationToken cancellationToken)
    {
        foreach (var (identifier, finalizer) in _registrations)
        {
            var have = entity.Metadata.Finalizers ?? [];
            if (!have.Contains(identifier)) continue;
            var result = await finalizer.FinalizeAsync(entity, cancellationToken);
            if (result.IsFailure || result.RequeueAfter is not null) return result;
            entity = await WriteAsync(entity, [.. have.Where(f => f != identifier)], cancellationToken);
        }

        return null;
    }

    // A merge patch that names the resourceVersion is refused (409) when someone else wrote meanwhile, so that no foreign
    // finalizer is lost; the queue then brings the object again.
    private Task<TEntity> WriteAsync(TEntity entity, List<string> finalizers, CancellationToken cancellationToken) =>
        api.PatchAsync<TEntity>(
            EntityKey.Of(entity.Metadata),
            new { metadata = new { finalizers, resourceVersion = entity.Metadata.ResourceVersion } },
            cancellationToken: cancellationToken);
}
