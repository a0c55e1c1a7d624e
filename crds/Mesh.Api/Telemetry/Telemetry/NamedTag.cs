using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Telemetry;

/// <summary>A value that is looked up.</summary>
public sealed record NamedTag
{
    /// <summary>Where.</summary>
    [Required]
    [StringLength(2048, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>Value if there is none.</summary>
    public string? DefaultValue { get; init; }
}
