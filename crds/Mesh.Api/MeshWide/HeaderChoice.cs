namespace Mesh.Api.MeshWide;

/// <summary>A header that can be added.</summary>
public sealed record HeaderChoice
{
    /// <summary>Whether it is added.</summary>
    public bool? Enabled { get; init; }
}
