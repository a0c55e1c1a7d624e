using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Mesh.Api.Networking;

namespace Mesh.Api.MeshWide;

/// <summary>
/// Settings of a sidecar, in the words of Istio's ProxyConfig: <c>defaultConfig</c> of the mesh, or the annotation
/// <c>proxy.istio.io/config</c> of a pod.
/// </summary>
public sealed record MeshProxyConfig
{
    /// <summary>Where it keeps its configuration.</summary>
    public string? ConfigPath { get; init; }

    /// <summary>Program of the proxy.</summary>
    public string? BinaryPath { get; init; }

    /// <summary>Name of its service.</summary>
    public string? ServiceCluster { get; init; }

    /// <summary>How its service is named in traces.</summary>
    [AllowedValues("APP_LABEL_AND_NAMESPACE", "CANONICAL_NAME_ONLY", "CANONICAL_NAME_AND_NAMESPACE")]
    public string? TracingServiceName { get; init; }

    /// <summary>Time in which connections are wound up in a hot restart, which there is none of here.</summary>
    public Duration? DrainDuration { get; init; }

    /// <summary>Without effect.</summary>
    public Duration? ParentShutdownDuration { get; init; }

    /// <summary>Time it goes on serving when its pod ends. Default <c>5s</c>.</summary>
    public Duration? TerminationDrainDuration { get; init; }

    /// <summary>Address of the control plane.</summary>
    public string? DiscoveryAddress { get; init; }

    /// <summary>Without effect.</summary>
    public Duration? DiscoveryRefreshDelay { get; init; }

    /// <summary>Superseded by <c>tracing.zipkin.address</c>.</summary>
    public string? ZipkinAddress { get; init; }

    /// <summary>Superseded by the mesh's.</summary>
    public Duration? ConnectTimeout { get; init; }

    /// <summary>Where statistics are sent.</summary>
    public string? StatsdUdpAddress { get; init; }

    /// <summary>Superseded by <c>envoyMetricsService</c>.</summary>
    public string? EnvoyMetricsServiceAddress { get; init; }

    /// <summary>Port of its administration. Default 15000.</summary>
    [Port]
    public int? ProxyAdminPort { get; init; }

    /// <summary>Without effect.</summary>
    public string? AvailabilityZone { get; init; }

    /// <summary>How the control plane is spoken to.</summary>
    [AllowedValues("NONE", "MUTUAL_TLS")]
    public string? ControlPlaneAuthPolicy { get; init; }

    /// <summary>A configuration of Envoy's own.</summary>
    public string? CustomConfigFile { get; init; }

    /// <summary>Longest name of a statistic.</summary>
    [Range(0, int.MaxValue)]
    public int? StatNameLength { get; init; }

    /// <summary>Threads that work at once. Default, and 0: as many as the sidecar's CPU limit allows.</summary>
    [Range(0, int.MaxValue)]
    public int? Concurrency { get; init; }

    /// <summary>A template of Envoy's own.</summary>
    public string? ProxyBootstrapTemplatePath { get; init; }

    /// <summary>How connections are captured.</summary>
    [AllowedValues("REDIRECT", "TPROXY", "NONE")]
    public string? InterceptionMode { get; init; }

    /// <summary>Traces.</summary>
    public MeshTracing? Tracing { get; init; }

    /// <summary>Where access logs are sent.</summary>
    public RemoteService? EnvoyAccessLogService { get; init; }

    /// <summary>Where metrics are sent.</summary>
    public RemoteService? EnvoyMetricsService { get; init; }

    /// <summary>Environment of the sidecar.</summary>
    public IReadOnlyDictionary<string, string> ProxyMetadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Switches of Envoy's own.</summary>
    public IReadOnlyDictionary<string, string> RuntimeValues { get; init; } = new Dictionary<string, string>();

    /// <summary>Port of its health. Default 15020.</summary>
    [Port]
    public int? StatusPort { get; init; }

    /// <summary>Further labels of metrics.</summary>
    public IReadOnlyList<string> ExtraStatTags { get; init; } = [];

    /// <summary>What stands before a gateway.</summary>
    public GatewayTopology? GatewayTopology { get; init; }

    /// <summary>Name of the mesh.</summary>
    public string? MeshId { get; init; }

    /// <summary>How the pod's readiness is found out.</summary>
    public JsonElement? ReadinessProbe { get; init; }

    /// <summary>Which of Envoy's statistics are kept.</summary>
    public ProxyStatsMatcher? ProxyStatsMatcher { get; init; }

    /// <summary>Whether the application waits for the sidecar; here it always does.</summary>
    public bool? HoldApplicationUntilProxyStarts { get; init; }

    /// <summary>Further roots.</summary>
    public IReadOnlyList<string> CaCertificatesPem { get; init; } = [];

    /// <summary>The sidecar's image.</summary>
    public MeshProxyImage? Image { get; init; }

    /// <summary>Hardware that keeps keys.</summary>
    public JsonElement? PrivateKeyProvider { get; init; }

    /// <summary>Headers it adds.</summary>
    public ProxyHeaders? ProxyHeaders { get; init; }

    /// <summary>Time between two writes of logs.</summary>
    public Duration? FileFlushInterval { get; init; }

    /// <summary>Bytes after which logs are written.</summary>
    [Range(0, int.MaxValue)]
    public int? FileFlushMinSizeKb { get; init; }

    /// <summary>Whether statistics are compressed.</summary>
    public bool? StatsCompression { get; init; }

    /// <summary>Retries of routes that say nothing of them.</summary>
    public HttpRetry? DefaultHttpRetryPolicy { get; init; }
}
