using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Mesh.Api.Networking;

/// <summary>
/// A service that Kubernetes does not know: outside the mesh, or on machines of their own within it. Its hosts become
/// destinations like Services, so that routes, policies and telemetry hold for them too.
/// </summary>
[KubernetesEntity(Group = KubeGroup, Kind = KubeKind, ApiVersion = KubeApiVersion, PluralName = KubePluralName)]
[CustomResource("se", versions: "v1 v1beta1 v1alpha3", categories: "istio-io networking-istio-io mesh")]
[PrinterColumn("Hosts", ".spec.hosts", "Its names")]
[PrinterColumn("Location", ".spec.location", "Whether the service is part of the mesh (MESH_INTERNAL) or not (MESH_EXTERNAL)")]
[PrinterColumn("Resolution", ".spec.resolution", "How its endpoints are found (NONE, STATIC, DNS, DNS_ROUND_ROBIN)")]
[PrinterColumn("Endpoints", ".status.endpoints", "Endpoints known, or how they are found")]
[PrinterColumn("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether it is accepted, resolved and held by every proxy concerned")]
[PrinterColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is ready or not")]
[PrinterColumn("Applied", ".status.applied", "Proxies that hold this generation, of those that should")]
[PrinterColumn("Age", ".metadata.creationTimestamp", "Time since it was made", Type = "date")]
[PrinterColumn("Message", ".status.conditions[?(@.type==\"Ready\")].message", "What is wrong and what to do", Priority = 1)]
public sealed class V1ServiceEntry : IKubernetesObject<V1ObjectMeta>, ISpec<ServiceEntrySpec>, IStatus<ServiceEntryStatus?>
{
    /// <summary>API group.</summary>
    public const string KubeGroup = "networking.istio.io";

    /// <summary>Version in which it is stored and watched.</summary>
    public const string KubeApiVersion = "v1";

    /// <summary>Kind.</summary>
    public const string KubeKind = "ServiceEntry";

    /// <summary>Plural name in URLs.</summary>
    public const string KubePluralName = "serviceentries";

    /// <summary>Group and version of this object.</summary>
    public string ApiVersion { get; set; } = KubeGroup + "/" + KubeApiVersion;

    /// <summary>Kind of this object.</summary>
    public string Kind { get; set; } = KubeKind;

    /// <summary>Name, namespace, labels, generation.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonConverter(typeof(SpecConverter<ServiceEntrySpec>))]
    public ServiceEntrySpec Spec { get; set; } = new();

    /// <summary>What is; written by the operator.</summary>
    [JsonConverter(typeof(StatusConverter<ServiceEntryStatus>))]
    public ServiceEntryStatus? Status { get; set; }
}
