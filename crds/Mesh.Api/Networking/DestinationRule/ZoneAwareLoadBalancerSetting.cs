using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Zone-aware routing: the caller's zone first, others only for the load it cannot carry.</summary>
public sealed record ZoneAwareLoadBalancerSetting
{
    /// <summary>Whether it is on. Default: the mesh's setting.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Which region takes over for which.</summary>
    public IReadOnlyList<LocalityFailover> Failover { get; init; } = [];

    /// <summary>Labels that, equal on both sides, make an endpoint preferred; in order.</summary>
    public IReadOnlyList<string> FailoverPriority { get; init; } = [];

    /// <summary>Least number of endpoints in the region for zones to count. Default 6.</summary>
    [Range(0, int.MaxValue)]
    public int? MinClusterSize { get; init; }
}
