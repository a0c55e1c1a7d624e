namespace Mesh.Config;

/// <summary>A cluster and its share.</summary>
public sealed record WeightedCluster
{
    /// <summary>Name of a <see cref="Cluster"/>.</summary>
    public required string Cluster { get; init; }

    /// <summary>
    /// Given when this destination does not exist: its share of the traffic is answered so (others are not touched), and
    /// <see cref="Cluster"/> is the name it would have had.
    /// </summary>
    public BrokenRoute? Broken { get; init; }

    /// <summary>Share = weight / sum of weights; 0 among several means none.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Changes of headers for this destination, after the route's.</summary>
    public HeaderChanges? Headers { get; init; }
}
