using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Mesh.Api.Networking;

/// <summary>
/// Ports that chosen proxies open at the edge of the mesh: what is spoken there, for which hosts, with which
/// certificates. VirtualServices that name it say where requests go.
/// </summary>
[KubernetesEntity(Group = KubeGroup, Kind = KubeKind, ApiVersion = KubeApiVersion, PluralName = KubePluralName)]
[CustomResource("gw", versions: "v1 v1beta1 v1alpha3", categories: "istio-io networking-istio-io mesh")]
[PrinterColumn("Servers", ".spec.servers[*].port.number", "The ports it opens")]
[PrinterColumn("Hosts", ".spec.servers[*].hosts", "The hosts it takes")]
[PrinterColumn("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether it is accepted, resolved and held by every proxy concerned")]
[PrinterColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is ready or not")]
[PrinterColumn("Age", ".metadata.creationTimestamp", "Time since it was made", Type = "date")]
[PrinterColumn("Message", ".status.conditions[?(@.type==\"Ready\")].message", "What is wrong and what to do", Priority = 1)]
public sealed class V1Gateway : IKubernetesObject<V1ObjectMeta>, ISpec<GatewaySpec>, IStatus<KindStatus?>
{
    /// <summary>API group.</summary>
    public const string KubeGroup = "networking.istio.io";

    /// <summary>Version in which it is stored and watched.</summary>
    public const string KubeApiVersion = "v1";

    /// <summary>Kind.</summary>
    public const string KubeKind = "Gateway";

    /// <summary>Plural name in URLs.</summary>
    public const string KubePluralName = "gateways";

    /// <summary>Group and version of this object.</summary>
    public string ApiVersion { get; set; } = KubeGroup + "/" + KubeApiVersion;

    /// <summary>Kind of this object.</summary>
    public string Kind { get; set; } = KubeKind;

    /// <summary>Name, namespace, labels, generation.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonConverter(typeof(SpecConverter<GatewaySpec>))]
    public GatewaySpec Spec { get; set; } = new();

    /// <summary>What is; written by the operator.</summary>
    [JsonConverter(typeof(StatusConverter<KindStatus>))]
    public KindStatus? Status { get; set; }
}
