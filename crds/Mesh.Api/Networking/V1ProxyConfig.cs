using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Mesh.Api.Networking;

/// <summary>
/// How the sidecars themselves are started: threads, environment, image. Read when a pod is made; pods that run are not
/// changed.
/// </summary>
[KubernetesEntity(Group = KubeGroup, Kind = KubeKind, ApiVersion = KubeApiVersion, PluralName = KubePluralName)]
[CustomResource("", versions: "v1beta1", categories: "istio-io networking-istio-io mesh", SpecRequired = false)]
[PrinterColumn("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether it is accepted, resolved and held by every proxy concerned")]
[PrinterColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is ready or not")]
[PrinterColumn("Age", ".metadata.creationTimestamp", "Time since it was made", Type = "date")]
[PrinterColumn("Message", ".status.conditions[?(@.type==\"Ready\")].message", "What is wrong and what to do", Priority = 1)]
public sealed class V1ProxyConfig : IKubernetesObject<V1ObjectMeta>, ISpec<ProxyConfigSpec>, IStatus<KindStatus?>
{
    /// <summary>API group.</summary>
    public const string KubeGroup = "networking.istio.io";

    /// <summary>Version in which it is stored and watched.</summary>
    public const string KubeApiVersion = "v1beta1";

    /// <summary>Kind.</summary>
    public const string KubeKind = "ProxyConfig";

    /// <summary>Plural name in URLs.</summary>
    public const string KubePluralName = "proxyconfigs";

    /// <summary>Group and version of this object.</summary>
    public string ApiVersion { get; set; } = KubeGroup + "/" + KubeApiVersion;

    /// <summary>Kind of this object.</summary>
    public string Kind { get; set; } = KubeKind;

    /// <summary>Name, namespace, labels, generation.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonConverter(typeof(SpecConverter<ProxyConfigSpec>))]
    public ProxyConfigSpec Spec { get; set; } = new();

    /// <summary>What is; written by the operator.</summary>
    [JsonConverter(typeof(StatusConverter<KindStatus>))]
    public KindStatus? Status { get; set; }
}
