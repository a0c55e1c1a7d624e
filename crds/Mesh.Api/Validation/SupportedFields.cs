using Mesh.Api.Health;
using Mesh.Api.Networking;
using Mesh.Api.Security;

namespace Mesh.Api.Validation;

/// <summary>
/// The lists of what works. To support a field, move its line from NotYet to Supported (or delete it below a supported
/// parent); a test demands that each field of the API is on exactly one side.
/// </summary>
public static class SupportedFields
{
    private const string Ignored = "It is kept and ignored.";

    /// <summary>Of VirtualService.</summary>
    public static FieldSupport VirtualService { get; } = new()
    {
        Supported = ["spec.hosts", "spec.gateways", "spec.exportTo", "spec.http", "spec.tls", "spec.tcp"],
        NotYet = new Dictionary<string, string>
        {
        },
    };

    /// <summary>Of DestinationRule.</summary>
    public static FieldSupport DestinationRule { get; } = new()
    {
        Supported =
        [
            "spec.host", "spec.exportTo", "spec.workloadSelector", "spec.subsets.name", "spec.subsets.labels",
            .. Policies.SelectMany(PolicySupported),
            .. WholePolicies.SelectMany(policy => new[] { policy + ".retryBudget", policy + ".portLevelSettings.port", policy + ".proxyProtocol", policy + ".tunnel" }),
        ],
        NotYet = Policies.SelectMany(PolicyNotYet).Concat(WholePolicies.SelectMany(WholePolicyNotYet)).ToDictionary(),
    };

    /// <summary>Of PeerAuthentication.</summary>
    public static FieldSupport PeerAuthentication { get; } = new()
    {
        Supported = ["spec.selector", "spec.mtls", "spec.portLevelMtls"],
        NotYet = new Dictionary<string, string>(),
    };

    /// <summary>Of ServiceEntry.</summary>
    public static FieldSupport ServiceEntry { get; } = new()
    {
        Supported =
        [
            "spec.hosts", "spec.addresses", "spec.ports", "spec.location", "spec.resolution", "spec.endpoints", "spec.workloadSelector",
            "spec.exportTo", "spec.subjectAltNames",
        ],
        NotYet = new Dictionary<string, string>(),
    };

    /// <summary>Of WorkloadEntry.</summary>
    public static FieldSupport WorkloadEntry { get; } = new()
    {
        Supported = ["spec.address", "spec.ports", "spec.labels", "spec.locality", "spec.weight", "spec.serviceAccount", "spec.network"],
        NotYet = new Dictionary<string, string>(),
    };

    /// <summary>Of Sidecar.</summary>
    public static FieldSupport Sidecar { get; } = new()
    {
        Supported =
        [
            "spec.workloadSelector", "spec.egress", "spec.outboundTrafficPolicy.mode", "spec.outboundTrafficPolicy.egressProxy", "spec.ingress.port", "spec.ingress.bind", "spec.ingress.captureMode",
            "spec.ingress.defaultEndpoint", "spec.ingress.connectionPool", "spec.inboundConnectionPool",
        ],
        NotYet = new Dictionary<string, string>
        {
            ["spec.egress.port.targetPort"] = Ignored,
            ["spec.ingress.tls"] = "TLS of callers outside the mesh is left to the application.",
            ["spec.ingress.port.targetPort"] = Ignored,
        },
    };

    /// <summary>Of ProxyConfig.</summary>
    public static FieldSupport ProxyConfig { get; } = new()
    {
        Supported = ["spec.selector", "spec.concurrency", "spec.environmentVariables", "spec.image"],
        NotYet = new Dictionary<string, string>(),
    };

    /// <summary>Of HealthCheck.</summary>
    public static FieldSupport HealthCheck { get; } = new()
    {
        Supported =
        [
            "spec.host", "spec.selector", "spec.port", "spec.http", "spec.grpc", "spec.interval", "spec.intervalJitterPercent",
            "spec.timeout", "spec.healthyThreshold", "spec.unhealthyThreshold", "spec.initialState",
        ],
        NotYet = new Dictionary<string, string>(),
    };

    /// <summary>Of a kind by its name.</summary>
    public static FieldSupport Of(string kind) => kind switch
    {
        V1VirtualService.KubeKind => VirtualService,
        V1DestinationRule.KubeKind => DestinationRule,
        V1ServiceEntry.KubeKind => ServiceEntry,
        V1WorkloadEntry.KubeKind => WorkloadEntry,
        V1Sidecar.KubeKind => Sidecar,
        V1HealthCheck.KubeKind => HealthCheck,
        V1ProxyConfig.KubeKind => ProxyConfig,
        V1PeerAuthentication.KubeKind => PeerAuthentication,
        // A kind that is not there yet says so once, for the whole object.
        _ when ApiKinds.Named(kind)?.NotYet is { } instead => new FieldSupport { Supported = [], NotYet = new Dictionary<string, string> { ["spec"] = instead } },
        _ => throw new ArgumentException($"{kind} is no kind of this API", nameof(kind)),
    };

    // A policy for a host or a subset, and those for its ports, which have fewer fields.
    private static string[] WholePolicies => ["spec.trafficPolicy", "spec.subsets.trafficPolicy"];

    private static string[] Policies => [.. WholePolicies.SelectMany(policy => new[] { policy, policy + ".portLevelSettings" })];

    private static IEnumerable<string> PolicySupported(string policy) =>
    [
        policy + ".loadBalancer.simple", policy + ".loadBalancer.consistentHash", policy + ".loadBalancer.localityLbSetting",
        policy + ".loadBalancer.warmup", policy + ".loadBalancer.warmupDurationSecs",
        policy + ".connectionPool", policy + ".outlierDetection",
        .. TlsFields.Select(field => $"{policy}.tls.{field}"),
    ];

    private static IEnumerable<KeyValuePair<string, string>> PolicyNotYet(string policy) =>
    [
        new(policy + ".loadBalancer.zoneAwareLbSetting", "Zones are not looked at."),
    ];

    private static string[] TlsFields =>
        ["mode", "clientCertificate", "privateKey", "caCertificates", "credentialName", "subjectAltNames", "sni", "insecureSkipVerify", "caCrl"];

    private static IEnumerable<KeyValuePair<string, string>> WholePolicyNotYet(string policy) =>
    [
    ];
}
