namespace Mesh.Config;

/// <summary>A region and the one that takes over.</summary>
/// <param name="From">Region.</param>
/// <param name="To">Region.</param>
public sealed record RegionFailover(string From, string To);
