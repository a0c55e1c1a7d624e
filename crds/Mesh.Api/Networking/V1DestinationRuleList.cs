using k8s;
using k8s.Models;

namespace Mesh.Api.Networking;

/// <summary>A list of DestinationRules, as the API server answers it.</summary>
[KubernetesEntity(Group = V1DestinationRule.KubeGroup, Kind = "DestinationRuleList", ApiVersion = V1DestinationRule.KubeApiVersion, PluralName = V1DestinationRule.KubePluralName)]
public sealed class V1DestinationRuleList : IKubernetesObject<V1ListMeta>, IItems<V1DestinationRule>
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get; set; } = V1DestinationRule.KubeGroup + "/" + V1DestinationRule.KubeApiVersion;

    /// <summary>Kind of the list.</summary>
    public string Kind { get; set; } = "DestinationRuleList";

    /// <summary>Resource version and continuation.</summary>
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>The objects.</summary>
    public IList<V1DestinationRule> Items { get; set; } = [];
}
