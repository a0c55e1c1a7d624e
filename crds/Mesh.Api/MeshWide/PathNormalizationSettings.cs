using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.MeshWide;

/// <summary>How paths are brought to one form.</summary>
public sealed record PathNormalizationSettings
{
    /// <summary><c>BASE</c> (default), <c>NONE</c>, <c>MERGE_SLASHES</c> or <c>DECODE_AND_MERGE_SLASHES</c>.</summary>
    [AllowedValues("DEFAULT", "NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES")]
    public string? Normalization { get; init; }
}
