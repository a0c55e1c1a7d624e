using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Injection;

/// <summary>Where a pod would stand: what its namespace and its cluster allow. What is not known allows everything.</summary>
public sealed record InjectionPlace
{
    public static readonly InjectionPlace Unknown = new();

    public LabelSet NamespaceLabels { get; init; } = LabelSet.Empty;

    /// <summary>Whom this injector answers.</summary>
    public InjectionScope Scope { get; init; } = InjectionScope.Everyone;

    /// <summary>Version of the API server, as it says itself; empty: not known.</summary>
    public string ClusterVersion { get; init; } = "";
}
