using Mesh.Api;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Status;

/// <summary>A status to write.</summary>
public sealed record StatusPatch
{
    public required RuleKey Rule { get; init; }

    /// <summary>Uid of the object judged: another object of that name must not get this status.</summary>
    public required string Uid { get; init; }

    /// <summary>The whole status: of the rule's kind.</summary>
    public required RuleStatus Status { get; init; }

    /// <summary>The definition of the kind is not ours: only our conditions are written (<see cref="SharedStatus"/>).</summary>
    public bool IsShared { get; init; }
}
