using System.ComponentModel.DataAnnotations;

namespace Mesh.Api;

/// <summary>Pods by labels.</summary>
public sealed record WorkloadSelector
{
    /// <summary>Labels a pod must all have; none selects every pod of the namespace.</summary>
    [MaxLength(4096)]
    [Each(MaxLength = 63)]
    [CelRule("self.all(key, !key.contains('*'))", "wildcard not allowed in label key match")]
    [CelRule("self.all(key, !self[key].contains('*'))", "wildcard not allowed in label value match")]
    [CelRule("self.all(key, key.size() != 0)", "key must not be empty")]
    public IReadOnlyDictionary<string, string> MatchLabels { get; init; } = new Dictionary<string, string>();
}
