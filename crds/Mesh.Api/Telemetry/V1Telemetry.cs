using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Mesh.Api.Telemetry;

/// <summary>
/// What sidecars tell of the traffic: traces, metrics, access logs. One in the root namespace is for the mesh, one
/// without a selector for its namespace, one with a selector for its pods; the narrower wins.
/// </summary>
[KubernetesEntity(Group = KubeGroup, Kind = KubeKind, ApiVersion = KubeApiVersion, PluralName = KubePluralName)]
[CustomResource("telemetry", versions: "v1 v1alpha1", categories: "istio-io telemetry-istio-io mesh", SpecRequired = false)]
[PrinterColumn("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether it is accepted, resolved and held by every proxy concerned")]
[PrinterColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is ready or not")]
[PrinterColumn("Age", ".metadata.creationTimestamp", "Time since it was made", Type = "date")]
[PrinterColumn("Message", ".status.conditions[?(@.type==\"Ready\")].message", "What is wrong and what to do", Priority = 1)]
public sealed class V1Telemetry : IKubernetesObject<V1ObjectMeta>, ISpec<TelemetrySpec>, IStatus<KindStatus?>
{
    /// <summary>API group.</summary>
    public const string KubeGroup = "telemetry.istio.io";

    /// <summary>Version in which it is stored and watched.</summary>
    public const string KubeApiVersion = "v1";

    /// <summary>Kind.</summary>
    public const string KubeKind = "Telemetry";

    /// <summary>Plural name in URLs.</summary>
    public const string KubePluralName = "telemetries";

    /// <summary>Group and version of this object.</summary>
    public string ApiVersion { get; set; } = KubeGroup + "/" + KubeApiVersion;

    /// <summary>Kind of this object.</summary>
    public string Kind { get; set; } = KubeKind;

    /// <summary>Name, namespace, labels, generation.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonConverter(typeof(SpecConverter<TelemetrySpec>))]
    public TelemetrySpec Spec { get; set; } = new();

    /// <summary>What is; written by the operator.</summary>
    [JsonConverter(typeof(StatusConverter<KindStatus>))]
    public KindStatus? Status { get; set; }
}
