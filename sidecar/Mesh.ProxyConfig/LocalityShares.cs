using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>How the traffic of one locality is spread.</summary>
public sealed record LocalityShares
{
    /// <summary><c>REGION</c>, <c>REGION/ZONE</c> or <c>REGION/ZONE/SUBZONE</c>; a last <c>*</c> stands for all below, a single one for all.</summary>
    public required string From { get; init; }

    /// <summary>Locality (as <see cref="From"/>) to percent; they sum up to 100.</summary>
    public required ImmutableSortedDictionary<string, int> To { get; init; }
}
