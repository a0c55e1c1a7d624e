using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>What became of a document: a config, or everything that is wrong with it.</summary>
public sealed record ConfigReading
{
    /// <summary>The head, as soon as it could be read.</summary>
    public Manifest? Manifest { get; init; }

    /// <summary>The config; <c>null</c> when there are problems.</summary>
    public ProxyConfig? Config { get; init; }

    /// <summary>What is wrong, all at once.</summary>
    public ImmutableArray<ConfigProblem> Problems { get; init; } = [];
}
