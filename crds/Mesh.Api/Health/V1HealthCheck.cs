using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Mesh.Api.Health;

/// <summary>
/// Asks each member of a pool at intervals whether it is well, from every sidecar that uses the pool; a member that is
/// not is left out of balancing until it is well again. What is asked is an HTTP request, a TCP connection, or the
/// standard gRPC health service. Mesh's own kind: Istio has none.
/// </summary>
[KubernetesEntity(Group = KubeGroup, Kind = KubeKind, ApiVersion = KubeApiVersion, PluralName = KubePluralName)]
[CustomResource("hc", versions: "v1", categories: "mesh")]
[PrinterColumn("Host", ".spec.host", "The host whose members are asked")]
[PrinterColumn("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether it is accepted, resolved and held by every proxy concerned")]
[PrinterColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is ready or not")]
[PrinterColumn("Unhealthy", ".status.unhealthy", "Members that some sidecar holds unhealthy, of those asked")]
[PrinterColumn("Age", ".metadata.creationTimestamp", "Time since it was made", Type = "date")]
[PrinterColumn("Message", ".status.conditions[?(@.type==\"Ready\")].message", "What is wrong and what to do", Priority = 1)]
public sealed class V1HealthCheck : IKubernetesObject<V1ObjectMeta>, ISpec<HealthCheckSpec>, IStatus<HealthCheckStatus?>
{
    /// <summary>API group.</summary>
    public const string KubeGroup = "mesh.dev";

    /// <summary>Version in which it is stored and watched.</summary>
    public const string KubeApiVersion = "v1";

    /// <summary>Kind.</summary>
    public const string KubeKind = "HealthCheck";

    /// <summary>Plural name in URLs.</summary>
    public const string KubePluralName = "healthchecks";

    /// <summary>Group and version of this object.</summary>
    public string ApiVersion { get; set; } = KubeGroup + "/" + KubeApiVersion;

    /// <summary>Kind of this object.</summary>
    public string Kind { get; set; } = KubeKind;

    /// <summary>Name, namespace, labels, generation.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonConverter(typeof(SpecConverter<HealthCheckSpec>))]
    public HealthCheckSpec Spec { get; set; } = new();

    /// <summary>What is; written by the operator.</summary>
    [JsonConverter(typeof(StatusConverter<HealthCheckStatus>))]
    public HealthCheckStatus? Status { get; set; }
}
