using System.ComponentModel.DataAnnotations;

namespace Mesh.Api;

/// <summary>Workloads by labels.</summary>
public sealed record WorkloadLabelSelector
{
    /// <summary>Labels a workload must all have; none selects every workload of the namespace.</summary>
    [MaxLength(256)]
    [Each(MaxLength = 63)]
    [CelRule("self.all(key, !self[key].contains('*'))", "wildcard is not supported in selector")]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
