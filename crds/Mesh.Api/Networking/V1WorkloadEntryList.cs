using k8s;
using k8s.Models;

namespace Mesh.Api.Networking;

/// <summary>A list of WorkloadEntries, as the API server answers it.</summary>
[KubernetesEntity(Group = V1WorkloadEntry.KubeGroup, Kind = "WorkloadEntryList", ApiVersion = V1WorkloadEntry.KubeApiVersion, PluralName = V1WorkloadEntry.KubePluralName)]
public sealed class V1WorkloadEntryList : IKubernetesObject<V1ListMeta>, IItems<V1WorkloadEntry>
{
    /// <summary>Group and version.</summary>
    public string ApiVersion { get; set; } = V1WorkloadEntry.KubeGroup + "/" + V1WorkloadEntry.KubeApiVersion;

    /// <summary>Kind of the list.</summary>
    public string Kind { get; set; } = "WorkloadEntryList";

    /// <summary>Resource version and continuation.</summary>
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>The objects.</summary>
    public IList<V1WorkloadEntry> Items { get; set; } = [];
}
