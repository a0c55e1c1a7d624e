namespace Mesh.Api;

/// <summary>Pods by labels.</summary>
public sealed record WorkloadSelector
{
    /// <summary>Labels a pod must all have; none selects every pod of the namespace.</summary>
    public IReadOnlyDictionary<string, string> MatchLabels { get; init; } = new Dictionary<string, string>();
}
