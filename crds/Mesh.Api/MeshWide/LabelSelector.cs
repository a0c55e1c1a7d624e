namespace Mesh.Api.MeshWide;

/// <summary>Labels, as Kubernetes selects by them.</summary>
public sealed record LabelSelector
{
    /// <summary>Labels and their values.</summary>
    public IReadOnlyDictionary<string, string> MatchLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Conditions on labels.</summary>
    public IReadOnlyList<LabelExpression> MatchExpressions { get; init; } = [];
}
