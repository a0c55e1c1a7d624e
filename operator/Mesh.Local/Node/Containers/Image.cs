using System.Collections.Immutable;

namespace Mesh.Local.Node.Containers;

/// <summary>What an image brings: its program, its user, and the directories it needs mounted.</summary>
internal sealed record Image
{
    /// <summary>Empty when the container has to name its command itself.</summary>
    public required ImmutableArray<string> Entrypoint { get; init; }

    /// <summary>For <see cref="Entrypoint"/>, unless the container gives command or arguments of its own.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    public required uint User { get; init; }

    public required ImmutableArray<BindMount> Mounts { get; init; }

    public required ImmutableArray<KeyValuePair<string, string>> Environment { get; init; }
}
