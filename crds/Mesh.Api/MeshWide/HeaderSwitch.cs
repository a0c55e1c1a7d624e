namespace Mesh.Api.MeshWide;

/// <summary>A header that can be left out.</summary>
public sealed record HeaderSwitch
{
    /// <summary>Whether it is left out.</summary>
    public bool? Disabled { get; init; }
}
