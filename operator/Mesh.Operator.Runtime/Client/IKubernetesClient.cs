using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Mesh.Operator.Runtime;

/// <summary>Typed reads and writes of any kind.</summary>
public interface IKubernetesClient
{
    /// <summary>The object, or null when there is none.</summary>
    Task<TEntity?> GetAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>The object with everything in it, known to its class or not; null when there is none.</summary>
    Task<JsonObject?> GetRawAsync<TEntity>(EntityKey key, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    Task<IReadOnlyList<TEntity>> ListAsync<TEntity>(string? @namespace = null, string? labelSelector = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Replaces the object; with a resourceVersion in it, only that version (409 otherwise).</summary>
    Task<TEntity> UpdateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    Task<TEntity> UpdateStatusAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Merge-patches the object, or its <paramref name="subresource"/>, with a JSON-serialisable body.</summary>
    Task<TEntity> PatchAsync<TEntity>(EntityKey key, object patch, string? subresource = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Server-side apply: creates or merges, as owner of the fields in <paramref name="entity"/>.</summary>
    Task<TEntity> ApplyAsync<TEntity>(TEntity entity, string fieldManager, bool force = true, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Deletes the object, when it still is the one with <paramref name="uid"/> (if given). An object already gone is fine.</summary>
    Task DeleteAsync<TEntity>(string name, string? @namespace = null, string? uid = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>The API server's version, such as <c>v1.33.2</c>.</summary>
    Task<string> VersionAsync(CancellationToken cancellationToken = default);
}
