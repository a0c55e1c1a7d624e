using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>Every cluster of one host; the unit in which clusters travel.</summary>
public sealed record ClusterSet
{
    /// <summary>The host.</summary>
    public required string Host { get; init; }

    /// <summary>One per port and subset that a route may name.</summary>
    public required ImmutableArray<Cluster> Clusters { get; init; }
}
