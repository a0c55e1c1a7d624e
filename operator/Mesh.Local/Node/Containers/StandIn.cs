using System.Collections.Immutable;

namespace Mesh.Local.Node.Containers;

/// <summary>What stands for an image.</summary>
/// <param name="Image">An image that is here.</param>
/// <param name="Arguments">Its arguments, unless the container gives some.</param>
internal sealed record StandIn(string Image, ImmutableArray<string> Arguments)
{
    /// <summary>What its program is told before these: which of its parts it is.</summary>
    public ImmutableArray<string> Part { get; init; } = [];

    /// <summary>Where users find its command in the container; the file of that name beside the program is put there.</summary>
    public string? Command { get; init; }
}
