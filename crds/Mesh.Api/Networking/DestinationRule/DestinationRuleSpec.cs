using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Mesh.Api.Networking;

/// <summary>Policies for the traffic to one host.</summary>
public sealed record DestinationRuleSpec : ISpecFromUser
{
    /// <summary>
    /// The service: short name (the namespace of this rule is added), full name, or one with a leading wildcard. The rule of
    /// the caller's namespace counts before the service's and then the root namespace's.
    /// </summary>
    [Required]
    public string? Host { get; init; }

    /// <summary>Policies for all traffic to the host.</summary>
    public TrafficPolicy? TrafficPolicy { get; init; }

    /// <summary>Named parts of the service, usually versions; used by routes that name them.</summary>
    public IReadOnlyList<Subset> Subsets { get; init; } = [];

    /// <summary>Namespaces that see this rule: <c>*</c> all (default), <c>.</c> only this one, or names of namespaces.</summary>
    public IReadOnlyList<string> ExportTo { get; init; } = [];

    /// <summary>Only for callers whose pod has these labels, in this namespace.</summary>
    public WorkloadSelector? WorkloadSelector { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
