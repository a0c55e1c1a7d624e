using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Mesh.Api.Networking;

/// <summary>
/// A workload that runs outside Kubernetes, such as a process on a virtual machine. ServiceEntries select it by its labels,
/// as Services select pods.
/// </summary>
[KubernetesEntity(Group = KubeGroup, Kind = KubeKind, ApiVersion = KubeApiVersion, PluralName = KubePluralName)]
[CustomResource("we", versions: "v1 v1beta1 v1alpha3", categories: "istio-io networking-istio-io mesh")]
[PrinterColumn("Address", ".spec.address", "Where it is reached")]
[PrinterColumn("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether it is accepted, resolved and held by every proxy concerned")]
[PrinterColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is ready or not")]
[PrinterColumn("Applied", ".status.applied", "Proxies that hold this generation, of those that should")]
[PrinterColumn("Age", ".metadata.creationTimestamp", "Time since it was made", Type = "date")]
[PrinterColumn("Message", ".status.conditions[?(@.type==\"Ready\")].message", "What is wrong and what to do", Priority = 1)]
public sealed class V1WorkloadEntry : IKubernetesObject<V1ObjectMeta>, ISpec<WorkloadEntrySpec>, IStatus<WorkloadEntryStatus?>
{
    /// <summary>API group.</summary>
    public const string KubeGroup = "networking.istio.io";

    /// <summary>Version in which it is stored and watched.</summary>
    public const string KubeApiVersion = "v1";

    /// <summary>Kind.</summary>
    public const string KubeKind = "WorkloadEntry";

    /// <summary>Plural name in URLs.</summary>
    public const string KubePluralName = "workloadentries";

    /// <summary>Group and version of this object.</summary>
    public string ApiVersion { get; set; } = KubeGroup + "/" + KubeApiVersion;

    /// <summary>Kind of this object.</summary>
    public string Kind { get; set; } = KubeKind;

    /// <summary>Name, namespace, labels, generation.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonConverter(typeof(SpecConverter<WorkloadEntrySpec>))]
    public WorkloadEntrySpec Spec { get; set; } = new();

    /// <summary>What is; written by the operator.</summary>
    [JsonConverter(typeof(StatusConverter<WorkloadEntryStatus>))]
    public WorkloadEntryStatus? Status { get; set; }
}
