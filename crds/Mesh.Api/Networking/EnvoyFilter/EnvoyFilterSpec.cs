using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Mesh.Api.Networking;

/// <summary>Whose configuration is changed how.</summary>
[CelRule("(has(self.workloadSelector) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1", "only one of targetRefs or workloadSelector can be set")]
public sealed record EnvoyFilterSpec : ISpecFromUser
{
    /// <summary>The pods of this namespace it is for. Default: all of them.</summary>
    public WorkloadLabelSelector? WorkloadSelector { get; init; }

    /// <summary>The objects it is attached to instead of pods.</summary>
    [MaxLength(16)]
    public IReadOnlyList<PolicyTargetReference> TargetRefs { get; init; } = [];

    /// <summary>The changes.</summary>
    [MaxLength(4096)]
    public IReadOnlyList<EnvoyPatch> ConfigPatches { get; init; } = [];

    /// <summary>Order among several; the lower comes first. Default 0.</summary>
    public int? Priority { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
