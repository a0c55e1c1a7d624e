using k8s;
using k8s.Models;

namespace Mesh.Operator.Runtime;

/// <summary>Allows or refuses objects of one kind. What is not overridden is allowed.</summary>
public abstract class ValidationWebhook<TEntity> where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    public virtual Task<ValidationResult> CreateAsync(TEntity entity, bool dryRun, CancellationToken cancellationToken) => Task.FromResult(Success());

    public virtual Task<ValidationResult> UpdateAsync(TEntity oldEntity, TEntity newEntity, bool dryRun, CancellationToken cancellationToken) => Task.FromResult(Success());

    public virtual Task<ValidationResult> DeleteAsync(TEntity entity, bool dryRun, CancellationToken cancellationToken) => Task.FromResult(Success());

    protected static ValidationResult Success(params string[] warnings) => new() { Valid = true, Warnings = [.. warnings] };

    protected static ValidationResult Fail(string message, int code = 422, params string[] warnings) =>
        new() { Valid = false, Status = new AdmissionStatus { Message = message, Code = code }, Warnings = [.. warnings] };
}
