using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Mesh.Api.Security;

/// <summary>
/// What pods take from their callers: mutual TLS of the mesh, clear text, or both. Without any, both (PERMISSIVE). One with a
/// selector is for the pods it selects; one without is for its namespace, in the root namespace for the whole mesh. The
/// narrower wins, among equals the oldest; UNSET takes over what the wider one says.
/// </summary>
[KubernetesEntity(Group = KubeGroup, Kind = KubeKind, ApiVersion = KubeApiVersion, PluralName = KubePluralName)]
[CustomResource("pa", versions: "v1 v1beta1", categories: "istio-io security-istio-io mesh", SpecRequired = false)]
[PrinterColumn("Mode", ".spec.mtls.mode", "What it asks for; empty takes over what the namespace or the mesh says")]
[PrinterColumn("Scope", ".status.scope", "Whom it is for: the mesh, its namespace, or the pods it selects")]
[PrinterColumn("Ready", ".status.conditions[?(@.type==\"Ready\")].status", "Whether it is accepted, resolved and held by every proxy concerned")]
[PrinterColumn("Reason", ".status.conditions[?(@.type==\"Ready\")].reason", "Why it is ready or not")]
[PrinterColumn("Applied", ".status.applied", "Proxies that hold this generation, of those that should")]
[PrinterColumn("Strict-Ready", ".status.conditions[?(@.type==\"StrictReady\")].status", "Whether STRICT would refuse nobody who called within the last hour")]
[PrinterColumn("Age", ".metadata.creationTimestamp", "Time since it was made", Type = "date")]
[PrinterColumn("Message", ".status.conditions[?(@.type==\"Ready\")].message", "What is wrong and what to do", Priority = 1)]
[PrinterColumn("Clear-Text", ".status.conditions[?(@.type==\"StrictReady\")].message", "Who still speaks clear text", Priority = 1)]
public sealed class V1PeerAuthentication : IKubernetesObject<V1ObjectMeta>, ISpec<PeerAuthenticationSpec>, IStatus<PeerAuthenticationStatus?>
{
    /// <summary>API group.</summary>
    public const string KubeGroup = "security.istio.io";

    /// <summary>Version in which it is stored and watched.</summary>
    public const string KubeApiVersion = "v1";

    /// <summary>Kind.</summary>
    public const string KubeKind = "PeerAuthentication";

    /// <summary>Plural name in URLs.</summary>
    public const string KubePluralName = "peerauthentications";

    /// <summary>Group and version of this object.</summary>
    public string ApiVersion { get; set; } = KubeGroup + "/" + KubeApiVersion;

    /// <summary>Kind of this object.</summary>
    public string Kind { get; set; } = KubeKind;

    /// <summary>Name, namespace, labels, generation.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonConverter(typeof(SpecConverter<PeerAuthenticationSpec>))]
    public PeerAuthenticationSpec Spec { get; set; } = new();

    /// <summary>What is; written by the operator.</summary>
    [JsonConverter(typeof(StatusConverter<PeerAuthenticationStatus>))]
    public PeerAuthenticationStatus? Status { get; set; }
}
