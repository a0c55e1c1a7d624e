using System.Collections.Frozen;
using System.Globalization;
using System.Net;

namespace Mesh.Operator.Core.Analysis.Workloads;

/// <summary>The annotations an Istio user knows.</summary>
internal static class KnownAnnotations
{
    private static readonly string[] Pod = ["Pod"];

    private static readonly string[] Any = [];

    private static readonly FrozenDictionary<string, KnownAnnotation> All = new Dictionary<string, KnownAnnotation>
    {
        ["ambient.istio.io/redirection"] = new(Any, IsAlpha: false),
        ["ambient.istio.io/bypass-inbound-capture"] = new(Pod),
        ["galley.istio.io/analyze-suppress"] = new(Any),
        ["gateway.istio.io/controller-version"] = new(Any, IsAlpha: false),
        ["gateway.istio.io/name-override"] = new(["Gateway"]),
        ["gateway.istio.io/service-account"] = new(["Gateway"]),
        ["inject.istio.io/templates"] = new(Pod),
        ["install.operator.istio.io/chart-owner"] = new(Any),
        ["install.operator.istio.io/owner-generation"] = new(Any),
        ["install.operator.istio.io/version"] = new(Any),
        ["istio.io/autoRegistrationGroup"] = new(["WorkloadEntry"]),
        ["istio.io/connectedAt"] = new(["WorkloadEntry"]),
        ["istio.io/dry-run"] = new(["AuthorizationPolicy"]),
        ["istio.io/reroute-virtual-interfaces"] = new(Pod),
        ["istio.io/rev"] = new(Any, IsAlpha: false),
        ["istio.io/workloadController"] = new(["WorkloadEntry"]),
        ["kubernetes.io/ingress.class"] = new(["Ingress"], IsAlpha: false),
        ["networking.istio.io/address-type"] = new(["Gateway"]),
        ["networking.istio.io/exportTo"] = new(["Service"]),
        ["networking.istio.io/service-type"] = new(["Gateway"]),
        ["networking.istio.io/traffic-distribution"] = new(["Service"], IsAlpha: false),
        ["prometheus.istio.io/merge-metrics"] = new(Pod, Takes: IsTruth),
        ["proxy.istio.io/config"] = new(Pod, IsAlpha: false),
        ["proxy.istio.io/overrides"] = new(Pod),
        ["readiness.status.sidecar.istio.io/applicationPorts"] = new(Pod, Takes: ArePorts),
        ["readiness.status.sidecar.istio.io/failureThreshold"] = new(Pod, Takes: IsNumber),
        ["readiness.status.sidecar.istio.io/initialDelaySeconds"] = new(Pod, Takes: IsNumber),
        ["readiness.status.sidecar.istio.io/periodSeconds"] = new(Pod, Takes: IsNumber),
        ["security.istio.io/autoMTLS"] = new(Pod),
        ["sidecar.istio.io/agentLogLevel"] = new(Pod),
        ["sidecar.istio.io/bootstrapOverride"] = new(Pod),
        ["sidecar.istio.io/componentLogLevel"] = new(Pod),
        ["sidecar.istio.io/controlPlaneAuthPolicy"] = new(Pod, IsDeprecated: true),
        ["sidecar.istio.io/discoveryAddress"] = new(Pod, IsDeprecated: true),
        ["sidecar.istio.io/enableCoreDump"] = new(Pod, Takes: IsTruth),
        ["sidecar.istio.io/extraStatTags"] = new(Pod),
        ["sidecar.istio.io/inject"] = new(Pod, IsAlpha: false),
        ["sidecar.istio.io/interceptionMode"] = new(Pod, Takes: value => value is "REDIRECT" or "TPROXY" or "NONE"),
        ["sidecar.istio.io/logLevel"] = new(Pod),
        ["sidecar.istio.io/nativeSidecar"] = new(Pod, Takes: IsTruth),
        ["sidecar.istio.io/proxyCPU"] = new(Pod),
        ["sidecar.istio.io/proxyCPULimit"] = new(Pod),
        ["sidecar.istio.io/proxyImage"] = new(Pod),
        ["sidecar.istio.io/proxyImageType"] = new(Pod),
        ["sidecar.istio.io/proxyMemory"] = new(Pod),
        ["sidecar.istio.io/proxyMemoryLimit"] = new(Pod),
        ["sidecar.istio.io/rewriteAppHTTPProbers"] = new(Pod, Takes: IsTruth),
        ["sidecar.istio.io/statsCompression"] = new(Pod),
        ["sidecar.istio.io/statsHistogramBuckets"] = new(Pod),
        ["sidecar.istio.io/statsInclusionPrefixes"] = new(Pod, IsDeprecated: true),
        ["sidecar.istio.io/statsInclusionRegexps"] = new(Pod, IsDeprecated: true),
        ["sidecar.istio.io/statsInclusionSuffixes"] = new(Pod, IsDeprecated: true),
        ["sidecar.istio.io/status"] = new(Pod),
        ["sidecar.istio.io/userVolume"] = new(Pod),
        ["sidecar.istio.io/userVolumeMount"] = new(Pod),
        ["status.sidecar.istio.io/port"] = new(Pod, Takes: IsPort),
        ["topology.istio.io/controlPlaneClusters"] = new(["Namespace"]),
        ["traffic.istio.io/nodeSelector"] = new(["Service"], IsAlpha: false),
        ["traffic.sidecar.istio.io/excludeInboundPorts"] = new(Pod, Takes: ArePorts),
        ["traffic.sidecar.istio.io/excludeInterfaces"] = new(Pod),
        ["traffic.sidecar.istio.io/excludeOutboundIPRanges"] = new(Pod, Takes: AreRanges),
        ["traffic.sidecar.istio.io/excludeOutboundPorts"] = new(Pod, Takes: ArePorts),
        ["traffic.sidecar.istio.io/includeInboundPorts"] = new(Pod, Takes: value => value is "*" || ArePorts(value)),
        ["traffic.sidecar.istio.io/includeOutboundIPRanges"] = new(Pod, Takes: value => value is "*" || AreRanges(value)),
        ["traffic.sidecar.istio.io/includeOutboundPorts"] = new(Pod, Takes: value => value is "*" || ArePorts(value)),
        ["traffic.sidecar.istio.io/kubevirtInterfaces"] = new(Pod, IsDeprecated: true),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IEnumerable<string> Names => All.Keys;

    public static KnownAnnotation? Find(string name) => All.GetValueOrDefault(name);

    private static bool IsNumber(string value) => uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsPort(string value) => ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool ArePorts(string value) => Parts(value).All(part => IsPort(part.Trim()));

    private static bool AreRanges(string value) => Parts(value).All(part => IPNetwork.TryParse(part.Trim(), out _) || IPAddress.TryParse(part.Trim(), out _));

    private static bool IsTruth(string value) => value is "true" or "false" or "True" or "False" or "TRUE" or "FALSE" or "1" or "0" or "t" or "f" or "T" or "F";

    private static string[] Parts(string value) => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
