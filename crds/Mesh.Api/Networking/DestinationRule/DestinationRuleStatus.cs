namespace Mesh.Api.Networking;

/// <summary>What became of the DestinationRule.</summary>
public sealed record DestinationRuleStatus : RuleStatus
{
    /// <summary>Its subsets, each with the number of ready endpoints: <c>v1:3 v2:0</c>.</summary>
    public string? Subsets { get; init; }
}
