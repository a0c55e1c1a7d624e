using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Mesh.Api.Networking;

/// <summary>
/// What a pod's sidecar is told of the rest of the mesh, and how it takes what arrives. By default a sidecar knows every
/// service; naming those that a namespace calls keeps its config small. One with a selector is for the pods it selects, one
/// without for its namespace, in the root namespace for every namespace that has none.
/// </summary>
[KubernetesEntity(Group = KubeGroup, Kind = KubeKind, ApiVersion = KubeApiVersion, PluralName = KubePluralName)]
[CustomResource("", versions: "v1 v1beta1 v1alpha3", categories: "istio-io networking-istio-io mesh")]
[PrinterColumn("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether it is accepted, resolved and held by every proxy concerned")]
[PrinterColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is ready or not")]
[PrinterColumn("Applied", ".status.applied", "Proxies that hold this generation, of those that should")]
[PrinterColumn("Age", ".metadata.creationTimestamp", "Time since it was made", Type = "date")]
[PrinterColumn("Message", ".status.conditions[?(@.type==\"Ready\")].message", "What is wrong and what to do", Priority = 1)]
public sealed class V1Sidecar : IKubernetesObject<V1ObjectMeta>, ISpec<SidecarSpec>, IStatus<SidecarStatus?>
{
    /// <summary>API group.</summary>
    public const string KubeGroup = "networking.istio.io";

    /// <summary>Version in which it is stored and watched.</summary>
    public const string KubeApiVersion = "v1";

    /// <summary>Kind.</summary>
    public const string KubeKind = "Sidecar";

    /// <summary>Plural name in URLs.</summary>
    public const string KubePluralName = "sidecars";

    /// <summary>Group and version of this object.</summary>
    public string ApiVersion { get; set; } = KubeGroup + "/" + KubeApiVersion;

    /// <summary>Kind of this object.</summary>
    public string Kind { get; set; } = KubeKind;

    /// <summary>Name, namespace, labels, generation.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonConverter(typeof(SpecConverter<SidecarSpec>))]
    public SidecarSpec Spec { get; set; } = new();

    /// <summary>What is; written by the operator.</summary>
    [JsonConverter(typeof(StatusConverter<SidecarStatus>))]
    public SidecarStatus? Status { get; set; }
}
