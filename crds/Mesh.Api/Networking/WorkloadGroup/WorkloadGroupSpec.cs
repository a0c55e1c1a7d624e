using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Mesh.Api.Networking;

/// <summary>The common parts.</summary>
public sealed record WorkloadGroupSpec : ISpecFromUser
{
    /// <summary>Labels and annotations that each WorkloadEntry gets.</summary>
    public WorkloadGroupMetadata? Metadata { get; init; }

    /// <summary>What each WorkloadEntry holds; without an address, which each machine has of its own.</summary>
    [Required]
    public WorkloadTemplate? Template { get; init; }

    /// <summary>How a machine's readiness is found out. Default: always ready.</summary>
    public ReadinessProbe? Probe { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
