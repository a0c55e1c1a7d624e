using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.MeshWide;

/// <summary>Headers that tell peers of each other.</summary>
public sealed record MetadataExchangeHeaders
{
    /// <summary>Where they are sent.</summary>
    [AllowedValues("UNDEFINED", "IN_MESH")]
    public string? Mode { get; init; }
}
