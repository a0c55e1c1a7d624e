using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>An answer by the proxy itself.</summary>
public sealed record DirectResponse
{
    /// <summary>Status.</summary>
    public required int Status { get; init; }

    /// <summary>Body; empty: none.</summary>
    public ImmutableArray<byte> Body { get; init; } = [];
}
