using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Mesh.Operator.Core.Injection;

/// <summary>Annotations of a pod that Istio's users know and that have no effect here, each with the reason: said, never dropped in silence.</summary>
internal static class UnusedAnnotations
{
    private const string NoEnvoy = "the sidecar is not Envoy";
    private const string GivenUp = "Istio has given it up";
    private const string Metrics = "the sidecar's metrics have the names and labels of Istio's standard ones, whatever a pod says";

    private static readonly FrozenDictionary<string, string> Reasons = new Dictionary<string, string>
    {
        ["sidecar.istio.io/agentLogLevel"] = "there is no agent beside the sidecar; sidecar.istio.io/logLevel sets the level of all it logs",
        ["sidecar.istio.io/bootstrapOverride"] = NoEnvoy,
        ["sidecar.istio.io/componentLogLevel"] = "the sidecar has one level for all its parts, sidecar.istio.io/logLevel",
        ["sidecar.istio.io/controlPlaneAuthPolicy"] = GivenUp,
        ["sidecar.istio.io/discoveryAddress"] = GivenUp,
        ["sidecar.istio.io/enableCoreDump"] = "the sidecar's root is read-only and takes no core dump",
        ["sidecar.istio.io/extraStatTags"] = Metrics,
        ["sidecar.istio.io/proxyImageType"] = "there is one kind of image; sidecar.istio.io/proxyImage names another",
        ["sidecar.istio.io/statsCompression"] = Metrics,
        ["sidecar.istio.io/statsHistogramBuckets"] = Metrics,
        ["sidecar.istio.io/statsInclusionPrefixes"] = GivenUp,
        ["sidecar.istio.io/statsInclusionRegexps"] = GivenUp,
        ["sidecar.istio.io/statsInclusionSuffixes"] = GivenUp,
        ["readiness.status.sidecar.istio.io/applicationPorts"] = "the sidecar is ready when it has config and identity; whether the application is, its own readiness probe tells",
        ["traffic.sidecar.istio.io/kubevirtInterfaces"] = "interfaces of virtual machines within a pod are not captured",
        ["istio.io/reroute-virtual-interfaces"] = "interfaces of virtual machines within a pod are not captured",
        ["proxy.istio.io/overrides"] = "another mesh's injector wrote it for its own sidecar",
        ["ambient.istio.io/redirection"] = "there is no mode without sidecars",
        ["ambient.istio.io/bypass-inbound-capture"] = "there is no mode without sidecars",
        ["security.istio.io/autoMTLS"] = "callers choose mutual TLS by the label that injection writes",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IEnumerable<string> Names => Reasons.Keys;

    /// <summary>A line for each annotation that has no effect, in the order of their names.</summary>
    public static ImmutableArray<string> Warnings(IDictionary<string, string> annotations) =>
    [
        .. annotations.OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => (Name: one.Key, one.Value, Reason: ReasonOf(one.Key, one.Value)))
            .Where(one => one.Reason is not null)
            .Select(one => $"metadata.annotations[{one.Name}]: \"{one.Value}\" has no effect: {one.Reason}."),
    ];

    private static string? ReasonOf(string name, string value) => name switch
    {
        SidecarAnnotations.InterceptionMode when value == "TPROXY" => "traffic is redirected (REDIRECT), so the application sees the sidecar's address as its caller's",
        "sidecar.istio.io/nativeSidecar" when value != "true" => "the sidecar always is a native one, an init container with restartPolicy Always",
        "status.sidecar.istio.io/port" when value != "15020" => "the sidecar's port of status and metrics is 15020",
        _ when Reasons.TryGetValue(name, out var reason) => reason,
        _ when IsUnknown(name) => "there is no such annotation",
        _ => null,
    };

    private static bool IsUnknown(string name) =>
        name.Split('/')[0].EndsWith("sidecar.istio.io", StringComparison.Ordinal) && !SidecarAnnotations.ActedOn.Contains(name) && !CaptureSettings.ActedOn.Contains(name);
}
