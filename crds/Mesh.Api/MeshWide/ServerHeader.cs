namespace Mesh.Api.MeshWide;

/// <summary>The header Server.</summary>
public sealed record ServerHeader
{
    /// <summary>Whether it is left out.</summary>
    public bool? Disabled { get; init; }

    /// <summary>Its value.</summary>
    public string? Value { get; init; }
}
