using k8s;
using k8s.Models;

namespace Mesh.Api.Networking;

/// <summary>A list of VirtualServices, as the API server answers it.</summary>
[KubernetesEntity(Group = V1VirtualService.KubeGroup, Kind = "VirtualServiceList", ApiVersion = V1VirtualService.KubeApiVersion, PluralName = V1VirtualService.KubePluralName)]
public sealed class V1VirtualServiceList : IKubernetesObject<V1ListMeta>, IItems<V1VirtualService>
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get; set; } = V1VirtualService.KubeGroup + "/" + V1VirtualService.KubeApiVersion;

    /// <summary>Kind of the list.</summary>
    public string Kind { get; set; } = "VirtualServiceList";

    /// <summary>Resource version and continuation.</summary>
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>The objects.</summary>
    public IList<V1VirtualService> Items { get; set; } = [];
}
