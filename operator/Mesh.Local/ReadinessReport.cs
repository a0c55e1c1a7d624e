using System.Collections.Immutable;

namespace Mesh.Local;

/// <summary>How many pods are ready, and what the others wait for.</summary>
internal sealed record ReadinessReport
{
    public required int Ready { get; init; }

    public required int All { get; init; }

    public required ImmutableArray<string> Waiting { get; init; }

    /// <summary>Nothing that is missing will come by itself.</summary>
    public required bool IsStuck { get; init; }
}
