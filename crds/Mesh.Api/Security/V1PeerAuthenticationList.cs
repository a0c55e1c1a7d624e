using k8s;
using k8s.Models;

namespace Mesh.Api.Security;

/// <summary>A list of PeerAuthentications, as the API server answers it.</summary>
[KubernetesEntity(Group = V1PeerAuthentication.KubeGroup, Kind = "PeerAuthenticationList", ApiVersion = V1PeerAuthentication.KubeApiVersion, PluralName = V1PeerAuthentication.KubePluralName)]
public sealed class V1PeerAuthenticationList : IKubernetesObject<V1ListMeta>, IItems<V1PeerAuthentication>
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get; set; } = V1PeerAuthentication.KubeGroup + "/" + V1PeerAuthentication.KubeApiVersion;

    /// <summary>Kind of the list.</summary>
    public string Kind { get; set; } = "PeerAuthenticationList";

    /// <summary>Resource version and continuation.</summary>
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>The objects.</summary>
    public IList<V1PeerAuthentication> Items { get; set; } = [];
}
