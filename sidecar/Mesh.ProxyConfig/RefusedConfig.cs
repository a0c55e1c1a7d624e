using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>A config that a sidecar did not take.</summary>
public sealed record RefusedConfig
{
    /// <summary>Its revision; 0 when it could not be read.</summary>
    public long Revision { get; init; }

    /// <summary>Its manifest hash; empty when it could not be read.</summary>
    public string Hash { get; init; } = "";

    /// <summary>What is wrong, all at once.</summary>
    public required ImmutableArray<ConfigProblem> Problems { get; init; }
}
