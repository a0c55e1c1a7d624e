namespace Mesh.Api.Networking;

/// <summary>What became of the DestinationRule.</summary>
public sealed record DestinationRuleStatus : RuleStatus
{
    /// <summary>Its subsets, each with the number of ready endpoints: <c>v1:3 v2:0</c>.</summary>
    public string? Subsets { get; init; }

    /// <summary>Members that at least one sidecar left out of balancing for their failures (outlierDetection); left out when there is none.</summary>
    public int? Ejected { get; init; }

    /// <summary>
    /// Those members by address, each with what it did, at most twenty:
    /// <c>10.0.0.7:9080 (reviews-v2): failed 5 times in a row, last it answered 503, seen by 3 proxies</c>.
    /// </summary>
    public IReadOnlyList<string> EjectedMembers { get; init; } = [];
}
