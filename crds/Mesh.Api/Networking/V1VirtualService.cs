using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Mesh.Api.Networking;

/// <summary>
/// How requests to one or more hosts are routed: which requests (match), where to (route, weighted between versions), and
/// what happens on the way (timeout, retries, rewriting, faults, mirroring). Rules are tried in order; the first that
/// matches decides. In the mesh each host belongs to one VirtualService: the oldest, and the others say so in their status.
/// </summary>
[KubernetesEntity(Group = KubeGroup, Kind = KubeKind, ApiVersion = KubeApiVersion, PluralName = KubePluralName)]
[CustomResource("vs", versions: "v1 v1beta1 v1alpha3", categories: "istio-io networking-istio-io mesh")]
[PrinterColumn("Hosts", ".spec.hosts", "The hosts it is about")]
[PrinterColumn("Gateways", ".spec.gateways", "The gateways it holds for; none given means all sidecars of the mesh")]
[PrinterColumn("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether it is accepted, resolved and held by every proxy concerned")]
[PrinterColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is ready or not")]
[PrinterColumn("Applied", ".status.applied", "Proxies that hold this generation, of those that should")]
[PrinterColumn("Age", ".metadata.creationTimestamp", "Time since it was made", Type = "date")]
[PrinterColumn("Message", ".status.conditions[?(@.type==\"Ready\")].message", "What is wrong and what to do", Priority = 1)]
public sealed class V1VirtualService : IKubernetesObject<V1ObjectMeta>, ISpec<VirtualServiceSpec>, IStatus<VirtualServiceStatus?>
{
    /// <summary>API group.</summary>
    public const string KubeGroup = "networking.istio.io";

    /// <summary>Version in which it is stored and watched.</summary>
    public const string KubeApiVersion = "v1";

    /// <summary>Kind.</summary>
    public const string KubeKind = "VirtualService";

    /// <summary>Plural name in URLs.</summary>
    public const string KubePluralName = "virtualservices";

    /// <summary>Group and version of this object.</summary>
    public string ApiVersion { get; set; } = KubeGroup + "/" + KubeApiVersion;

    /// <summary>Kind of this object.</summary>
    public string Kind { get; set; } = KubeKind;

    /// <summary>Name, namespace, labels, generation.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonConverter(typeof(SpecConverter<VirtualServiceSpec>))]
    public VirtualServiceSpec Spec { get; set; } = new();

    /// <summary>What is; written by the operator.</summary>
    [JsonConverter(typeof(StatusConverter<VirtualServiceStatus>))]
    public VirtualServiceStatus? Status { get; set; }
}
