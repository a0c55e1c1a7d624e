using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A named part of a service's endpoints.</summary>
public sealed record Subset
{
    /// <summary>Name routes refer to it by; a DNS label such as <c>v1</c>.</summary>
    [Required]
    public string? Name { get; init; }

    /// <summary>Labels an endpoint's pod must all have.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Policies for this subset, each overriding that of the whole host.</summary>
    public TrafficPolicy? TrafficPolicy { get; init; }
}
