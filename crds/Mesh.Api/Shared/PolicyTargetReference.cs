using System.ComponentModel.DataAnnotations;

namespace Mesh.Api;

/// <summary>An object that a policy is attached to.</summary>
public sealed record PolicyTargetReference
{
    /// <summary>API group of the object; empty for core Kubernetes (Service).</summary>
    [StringLength(253)]
    [RegularExpression(@"^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    public string? Group { get; init; }

    /// <summary>Kind of the object.</summary>
    [Required]
    [StringLength(63, MinimumLength = 1)]
    [RegularExpression("^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$")]
    public string? Kind { get; init; }

    /// <summary>Its name.</summary>
    [Required]
    [StringLength(253, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>Not used: the object is looked for in the namespace of the policy.</summary>
    [CelRule("self.size() == 0", "cross namespace referencing is not currently supported")]
    public string? Namespace { get; init; }
}
