using Mesh.Api;

namespace Mesh.Operator.Core.Status;

/// <summary>The status an object has now.</summary>
public sealed record WrittenStatus
{
    /// <summary>As read from the object or as last written; null if there is none.</summary>
    public RuleStatus? Status { get; init; }

    /// <summary>When this operator last wrote it; null if it never did.</summary>
    public DateTimeOffset? WrittenAt { get; init; }
}
