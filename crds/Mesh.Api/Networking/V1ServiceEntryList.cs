using k8s;
using k8s.Models;

namespace Mesh.Api.Networking;

/// <summary>A list of ServiceEntries, as the API server answers it.</summary>
[KubernetesEntity(Group = V1ServiceEntry.KubeGroup, Kind = "ServiceEntryList", ApiVersion = V1ServiceEntry.KubeApiVersion, PluralName = V1ServiceEntry.KubePluralName)]
public sealed class V1ServiceEntryList : IKubernetesObject<V1ListMeta>, IItems<V1ServiceEntry>
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get; set; } = V1ServiceEntry.KubeGroup + "/" + V1ServiceEntry.KubeApiVersion;

    /// <summary>Kind of the list.</summary>
    public string Kind { get; set; } = "ServiceEntryList";

    /// <summary>Resource version and continuation.</summary>
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>The objects.</summary>
    public IList<V1ServiceEntry> Items { get; set; } = [];
}
