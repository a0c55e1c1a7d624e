using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Mesh.Api.Extensions;

/// <summary>
/// A program in WebAssembly or Lua that runs within the proxy. Mesh's sidecar runs none; the kind is known so that
/// directories which hold some can be applied.
/// </summary>
[KubernetesEntity(Group = KubeGroup, Kind = KubeKind, ApiVersion = KubeApiVersion, PluralName = KubePluralName)]
[CustomResource("", versions: "v1alpha1", categories: "istio-io extensions-istio-io mesh")]
[PrinterColumn("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether it is accepted, resolved and held by every proxy concerned")]
[PrinterColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is ready or not")]
[PrinterColumn("Age", ".metadata.creationTimestamp", "Time since it was made", Type = "date")]
[PrinterColumn("Message", ".status.conditions[?(@.type==\"Ready\")].message", "What is wrong and what to do", Priority = 1)]
public sealed class V1TrafficExtension : IKubernetesObject<V1ObjectMeta>, ISpec<TrafficExtensionSpec>, IStatus<KindStatus?>
{
    /// <summary>API group.</summary>
    public const string KubeGroup = "extensions.istio.io";

    /// <summary>Version in which it is stored and watched.</summary>
    public const string KubeApiVersion = "v1alpha1";

    /// <summary>Kind.</summary>
    public const string KubeKind = "TrafficExtension";

    /// <summary>Plural name in URLs.</summary>
    public const string KubePluralName = "trafficextensions";

    /// <summary>Group and version of this object.</summary>
    public string ApiVersion { get; set; } = KubeGroup + "/" + KubeApiVersion;

    /// <summary>Kind of this object.</summary>
    public string Kind { get; set; } = KubeKind;

    /// <summary>Name, namespace, labels, generation.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonConverter(typeof(SpecConverter<TrafficExtensionSpec>))]
    public TrafficExtensionSpec Spec { get; set; } = new();

    /// <summary>What is; written by the operator.</summary>
    [JsonConverter(typeof(StatusConverter<KindStatus>))]
    public KindStatus? Status { get; set; }
}
