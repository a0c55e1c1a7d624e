using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Extensions;

/// <summary>An environment variable.</summary>
[CelRule("(has(self.valueFrom) ? self.valueFrom : '') != 'HOST' || !has(self.value)", "value may only be set when valueFrom is INLINE")]
public sealed record EnvironmentVariable
{
    /// <summary>Its name.</summary>
    [Required]
    [StringLength(256, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary><c>INLINE</c> (default): <c>value</c>; <c>HOST</c>: the proxy's own.</summary>
    [AllowedValues("INLINE", "HOST")]
    public string? ValueFrom { get; init; }

    /// <summary>Its value.</summary>
    [StringLength(2048)]
    public string? Value { get; init; }
}
