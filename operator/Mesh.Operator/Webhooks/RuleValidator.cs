using k8s;
using k8s.Models;
using Mesh.Api;

namespace Mesh.Operator.Webhooks;

/// <summary>
/// Answers for rules about to be stored. Refused is what is wrong by itself (an unknown retry condition, a regex that does
/// not compile), all of it at once. What it names need not exist yet: a missing host or subset is told in status, since it
/// may come a moment later. Fields that do not act are admission warnings.
/// </summary>
public sealed class RuleValidator<TEntity>(Func<TEntity, IReadOnlyList<Finding>> validate, Func<TEntity, object?> specOf) : ValidationWebhook<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    public override Task<ValidationResult> CreateAsync(TEntity entity, bool dryRun, CancellationToken cancellationToken) => Task.FromResult(Judge(entity));

    /// <summary>A change of labels, or the removal of a finalizer, must be possible whatever the spec is.</summary>
    public override Task<ValidationResult> UpdateAsync(TEntity oldEntity, TEntity newEntity, bool dryRun, CancellationToken cancellationToken) =>
        Task.FromResult(newEntity.Metadata.DeletionTimestamp is not null || Text(oldEntity) == Text(newEntity) ? Success() : Judge(newEntity));

    private ValidationResult Judge(TEntity entity)
    {
        var findings = validate(entity);
        var warnings = findings.Where(f => f.Severity == Severity.Warning).Select(Line).ToArray();
        var errors = findings.Where(f => f.Severity == Severity.Error).Select(Line).ToList();
        if (errors.Count == 0) return Success(warnings);
        return Fail(errors.Count == 1 ? errors[0] : $"{errors.Count} mistakes:\n{string.Join('\n', errors.Select(e => "- " + e))}", 422, warnings);
    }

    // The request says which object it is about.
    private static string Line(Finding finding) => (finding with { Resource = "" }).ToString();

    private string Text(TEntity entity) => KubernetesJson.Serialize(specOf(entity) ?? "");
}
