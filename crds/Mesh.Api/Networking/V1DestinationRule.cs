using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Mesh.Api.Networking;

/// <summary>
/// How connections to one host are made once a route chose it: its named subsets (versions), load balancing, connection
/// limits, ejection of failing endpoints, TLS to the service.
/// </summary>
[KubernetesEntity(Group = KubeGroup, Kind = KubeKind, ApiVersion = KubeApiVersion, PluralName = KubePluralName)]
[CustomResource("dr", versions: "v1 v1beta1 v1alpha3", categories: "istio-io networking-istio-io mesh")]
[PrinterColumn("Host", ".spec.host", "The host it is about")]
[PrinterColumn("Subsets", ".status.subsets", "Its subsets, each with the number of ready endpoints")]
[PrinterColumn("Ejected", ".status.ejected", "Members left out of balancing for their failures by some sidecar", Type = "integer")]
[PrinterColumn("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether it is accepted, resolved and held by every proxy concerned")]
[PrinterColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is ready or not")]
[PrinterColumn("Applied", ".status.applied", "Proxies that hold this generation, of those that should")]
[PrinterColumn("Age", ".metadata.creationTimestamp", "Time since it was made", Type = "date")]
[PrinterColumn("Message", ".status.conditions[?(@.type==\"Ready\")].message", "What is wrong and what to do", Priority = 1)]
public sealed class V1DestinationRule : IKubernetesObject<V1ObjectMeta>, ISpec<DestinationRuleSpec>, IStatus<DestinationRuleStatus?>
{
    /// <summary>API group.</summary>
    public const string KubeGroup = "networking.istio.io";

    /// <summary>Version in which it is stored and watched.</summary>
    public const string KubeApiVersion = "v1";

    /// <summary>Kind.</summary>
    public const string KubeKind = "DestinationRule";

    /// <summary>Plural name in URLs.</summary>
    public const string KubePluralName = "destinationrules";

    /// <summary>Group and version of this object.</summary>
    public string ApiVersion { get; set; } = KubeGroup + "/" + KubeApiVersion;

    /// <summary>Kind of this object.</summary>
    public string Kind { get; set; } = KubeKind;

    /// <summary>Name, namespace, labels, generation.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonConverter(typeof(SpecConverter<DestinationRuleSpec>))]
    public DestinationRuleSpec Spec { get; set; } = new();

    /// <summary>What is; written by the operator.</summary>
    [JsonConverter(typeof(StatusConverter<DestinationRuleStatus>))]
    public DestinationRuleStatus? Status { get; set; }
}
