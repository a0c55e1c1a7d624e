namespace Mesh.Config;

/// <summary>How a member is chosen. Members weighted unequally are drawn by weight in each algorithm.</summary>
public enum LoadBalancing
{
    /// <summary>The less busy of two drawn at random; with unequal weights by weight / (active + 1).</summary>
    LeastRequest,

    /// <summary>In turn.</summary>
    RoundRobin,

    /// <summary>At random.</summary>
    Random,

    /// <summary>By a key of the request: <see cref="Cluster.ConsistentHash"/>; at random where a request has none.</summary>
    ConsistentHash,
}
