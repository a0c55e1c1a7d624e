using k8s;
using k8s.Models;

namespace Mesh.Operator.Runtime;

/// <summary>Changes objects of one kind before they are stored.</summary>
public abstract class MutationWebhook<TEntity> where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>An object is about to be created. It must not be changed in place: return a changed copy.</summary>
    public abstract Task<MutationResult<TEntity>> CreateAsync(TEntity entity, bool dryRun, CancellationToken cancellationToken);

    protected static MutationResult<TEntity> NoChanges(params string[] warnings) => new() { Warnings = [.. warnings] };

    protected static MutationResult<TEntity> Modified(TEntity entity, params string[] warnings) => new() { Modified = entity, Warnings = [.. warnings] };

    protected static MutationResult<TEntity> Fail(string message, int code = 422, params string[] warnings) =>
        new() { Refusal = new AdmissionStatus { Message = message, Code = code }, Warnings = [.. warnings] };
}
