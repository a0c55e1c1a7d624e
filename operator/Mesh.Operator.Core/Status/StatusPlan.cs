using System.Collections.Immutable;

namespace Mesh.Operator.Core.Status;

/// <summary>What to write now, and when to ask again even if nothing happens.</summary>
public sealed record StatusPlan
{
    /// <summary>Statuses that differ from what is written, ordered by rule.</summary>
    public required ImmutableArray<StatusPatch> Patches { get; init; }

    /// <summary>The next moment at which time alone changes a status (a held-back count, a proxy silent for too long); null if none.</summary>
    public DateTimeOffset? AskAgain { get; init; }
}
