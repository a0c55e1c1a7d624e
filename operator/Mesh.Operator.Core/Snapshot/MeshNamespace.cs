namespace Mesh.Operator.Core.Snapshot;

/// <summary>A namespace.</summary>
public sealed record MeshNamespace
{
    public required string Name { get; init; }

    public LabelSet Labels { get; init; } = LabelSet.Empty;
}
