using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Mesh.Api.Telemetry;

/// <summary>For whom it is, and what is told.</summary>
[CelRule("(has(self.selector) ? 1 : 0) + (has(self.targetRef) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1", "only one of targetRefs or selector can be set")]
public sealed record TelemetrySpec : ISpecFromUser
{
    /// <summary>The pods of this namespace it is for. Default: all of them, in the root namespace those of the whole mesh.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>The one object it is attached to instead; superseded by <c>targetRefs</c>.</summary>
    public PolicyTargetReference? TargetRef { get; init; }

    /// <summary>The objects it is attached to instead of pods: Gateways, Services, ServiceEntries of this namespace.</summary>
    [MaxLength(16)]
    public IReadOnlyList<PolicyTargetReference> TargetRefs { get; init; } = [];

    /// <summary>Traces.</summary>
    public IReadOnlyList<TracingSettings> Tracing { get; init; } = [];

    /// <summary>Metrics.</summary>
    public IReadOnlyList<MetricsSettings> Metrics { get; init; } = [];

    /// <summary>Access logs.</summary>
    public IReadOnlyList<AccessLoggingSettings> AccessLogging { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
