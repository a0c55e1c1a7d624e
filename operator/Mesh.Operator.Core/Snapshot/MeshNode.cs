namespace Mesh.Operator.Core.Snapshot;

/// <summary>A node, as far as traffic is concerned: where it stands.</summary>
public sealed record MeshNode
{
    public required string Name { get; init; }

    public string Region { get; init; } = "";

    public string Zone { get; init; } = "";

    /// <summary>Part of the zone.</summary>
    public string SubZone { get; init; } = "";
}
