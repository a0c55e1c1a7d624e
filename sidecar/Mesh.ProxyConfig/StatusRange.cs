namespace Mesh.Config;

/// <summary>Status codes from one to another, both included.</summary>
/// <param name="From">Lowest.</param>
/// <param name="To">Highest.</param>
public sealed record StatusRange(int From, int To);
