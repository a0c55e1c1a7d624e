namespace Mesh.Api.MeshWide;

/// <summary>Which of Envoy's statistics are kept.</summary>
public sealed record ProxyStatsMatcher
{
    /// <summary>By their beginnings.</summary>
    public IReadOnlyList<string> InclusionPrefixes { get; init; } = [];

    /// <summary>By their ends.</summary>
    public IReadOnlyList<string> InclusionSuffixes { get; init; } = [];

    /// <summary>By expressions.</summary>
    public IReadOnlyList<string> InclusionRegexps { get; init; } = [];
}
