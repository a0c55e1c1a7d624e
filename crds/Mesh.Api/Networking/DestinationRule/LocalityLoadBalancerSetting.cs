namespace Mesh.Api.Networking;

/// <summary>How load is spread over regions and zones; needs outlierDetection to notice that a locality fails.</summary>
public sealed record LocalityLoadBalancerSetting
{
    /// <summary>Shares by locality, in percent.</summary>
    public IReadOnlyList<LocalityDistribute> Distribute { get; init; } = [];

    /// <summary>Which region takes over for which.</summary>
    public IReadOnlyList<LocalityFailover> Failover { get; init; } = [];

    /// <summary>Labels that, equal on both sides, make an endpoint preferred; in order, each optionally with <c>=VALUE</c>.</summary>
    public IReadOnlyList<string> FailoverPriority { get; init; } = [];

    /// <summary>Whether localities count. Default: the mesh's setting, true.</summary>
    public bool? Enabled { get; init; }
}
