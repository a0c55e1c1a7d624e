using k8s;
using k8s.Models;

namespace Mesh.Operator.Runtime;

/// <summary>How a reconciliation went and whether the object should come again without having changed.</summary>
public sealed record ReconciliationResult<TEntity> where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationResult(TEntity entity, bool success, string? message, Exception? error, TimeSpan? requeueAfter) =>
        (Entity, IsSuccess, ErrorMessage, Error, RequeueAfter) = (entity, success, message, error, requeueAfter);

    public TEntity Entity { get; }

    public bool IsSuccess { get; }

    public bool IsFailure => !IsSuccess;

    public string? ErrorMessage { get; }

    public Exception? Error { get; }

    /// <summary>After a success: come again then. After a failure: instead of the key's back-off.</summary>
    public TimeSpan? RequeueAfter { get; }

#pragma warning disable CA1000 // KubeOps's signatures: the entity type is written at the call.
    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) =>
        new(entity, true, null, null, requeueAfter);

    public static ReconciliationResult<TEntity> Failure(TEntity entity, string errorMessage, Exception? error = null, TimeSpan? requeueAfter = null) =>
        new(entity, false, errorMessage, error, requeueAfter);
#pragma warning restore CA1000
}
