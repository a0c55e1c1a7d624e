using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Mesh.Api.Security;

/// <summary>
/// Which tokens (JWT) of end users are taken. A request with a token that is not valid is refused; one without a token
/// passes, so that an AuthorizationPolicy must say who needs one.
/// </summary>
[KubernetesEntity(Group = KubeGroup, Kind = KubeKind, ApiVersion = KubeApiVersion, PluralName = KubePluralName)]
[CustomResource("ra", versions: "v1 v1beta1", categories: "istio-io security-istio-io mesh", SpecRequired = false)]
[PrinterColumn("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether it is accepted, resolved and held by every proxy concerned")]
[PrinterColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is ready or not")]
[PrinterColumn("Age", ".metadata.creationTimestamp", "Time since it was made", Type = "date")]
[PrinterColumn("Message", ".status.conditions[?(@.type==\"Ready\")].message", "What is wrong and what to do", Priority = 1)]
public sealed class V1RequestAuthentication : IKubernetesObject<V1ObjectMeta>, ISpec<RequestAuthenticationSpec>, IStatus<KindStatus?>
{
    /// <summary>API group.</summary>
    public const string KubeGroup = "security.istio.io";

    /// <summary>Version in which it is stored and watched.</summary>
    public const string KubeApiVersion = "v1";

    /// <summary>Kind.</summary>
    public const string KubeKind = "RequestAuthentication";

    /// <summary>Plural name in URLs.</summary>
    public const string KubePluralName = "requestauthentications";

    /// <summary>Group and version of this object.</summary>
    public string ApiVersion { get; set; } = KubeGroup + "/" + KubeApiVersion;

    /// <summary>Kind of this object.</summary>
    public string Kind { get; set; } = KubeKind;

    /// <summary>Name, namespace, labels, generation.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonConverter(typeof(SpecConverter<RequestAuthenticationSpec>))]
    public RequestAuthenticationSpec Spec { get; set; } = new();

    /// <summary>What is; written by the operator.</summary>
    [JsonConverter(typeof(StatusConverter<KindStatus>))]
    public KindStatus? Status { get; set; }
}
