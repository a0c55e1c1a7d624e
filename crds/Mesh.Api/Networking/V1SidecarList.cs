using k8s;
using k8s.Models;

namespace Mesh.Api.Networking;

/// <summary>A list of Sidecars, as the API server answers it.</summary>
[KubernetesEntity(Group = V1Sidecar.KubeGroup, Kind = "SidecarList", ApiVersion = V1Sidecar.KubeApiVersion, PluralName = V1Sidecar.KubePluralName)]
public sealed class V1SidecarList : IKubernetesObject<V1ListMeta>, IItems<V1Sidecar>
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get; set; } = V1Sidecar.KubeGroup + "/" + V1Sidecar.KubeApiVersion;

    /// <summary>Kind of the list.</summary>
    public string Kind { get; set; } = "SidecarList";

    /// <summary>Resource version and continuation.</summary>
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>The objects.</summary>
    public IList<V1Sidecar> Items { get; set; } = [];
}
