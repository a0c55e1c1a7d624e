using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Telemetry;

/// <summary>A provider of the mesh's settings.</summary>
public sealed record ProviderRef
{
    /// <summary>Its name.</summary>
    [Required]
    [StringLength(2048, MinimumLength = 1)]
    public string? Name { get; init; }
}
