using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Mesh.Api.Networking;

namespace Mesh.Api.MeshWide;

/// <summary>Settings of the whole mesh, in the words of Istio's MeshConfig. What of it acts stands in docs/features.md.</summary>
public sealed record MeshConfig
{
    /// <summary>Port that takes outbound connections. Default 15001.</summary>
    [Port]
    public int? ProxyListenPort { get; init; }

    /// <summary>Port that takes inbound connections. Default 15006.</summary>
    [Port]
    public int? ProxyInboundListenPort { get; init; }

    /// <summary>Port of an HTTP proxy beside them. Default: none.</summary>
    [Port]
    public int? ProxyHttpPort { get; init; }

    /// <summary>Time for a connection to come about. Default <c>10s</c>.</summary>
    public Duration? ConnectTimeout { get; init; }

    /// <summary>Keep-alive of connections.</summary>
    public TcpKeepalive? TcpKeepalive { get; init; }

    /// <summary>Class of Kubernetes Ingresses that are served.</summary>
    public string? IngressClass { get; init; }

    /// <summary>Service of the gateway that serves them.</summary>
    public string? IngressService { get; init; }

    /// <summary>Which Ingresses are served.</summary>
    [AllowedValues("UNSPECIFIED", "OFF", "DEFAULT", "STRICT")]
    public string? IngressControllerMode { get; init; }

    /// <summary>Label of the gateway that serves them.</summary>
    public string? IngressSelector { get; init; }

    /// <summary>Whether traces are made.</summary>
    public bool? EnableTracing { get; init; }

    /// <summary>Where access is logged; <c>/dev/stdout</c>, or empty for nowhere (default).</summary>
    public string? AccessLogFile { get; init; }

    /// <summary>Format of a line.</summary>
    public string? AccessLogFormat { get; init; }

    /// <summary><c>TEXT</c> (default) or <c>JSON</c>.</summary>
    [AllowedValues("TEXT", "JSON")]
    public string? AccessLogEncoding { get; init; }

    /// <summary>Whether access logs are sent to a service of Envoy's kind.</summary>
    public bool? EnableEnvoyAccessLogService { get; init; }

    /// <summary>Whether connections without a route are left out of the log.</summary>
    public bool? DisableEnvoyListenerLog { get; init; }

    /// <summary>Settings of each sidecar, unless its pod says otherwise.</summary>
    public MeshProxyConfig? DefaultConfig { get; init; }

    /// <summary>Destinations nobody knows.</summary>
    public MeshOutboundTrafficPolicy? OutboundTrafficPolicy { get; init; }

    /// <summary>Ports nobody declared.</summary>
    public MeshInboundTrafficPolicy? InboundTrafficPolicy { get; init; }

    /// <summary>Where else rules come from.</summary>
    public IReadOnlyList<ConfigSource> ConfigSources { get; init; } = [];

    /// <summary>Whether mutual TLS is spoken wherever it is taken. Default true.</summary>
    public bool? EnableAutoMtls { get; init; }

    /// <summary>First part of every identity. Default <c>cluster.local</c>.</summary>
    public string? TrustDomain { get; init; }

    /// <summary>Other trust domains that count as this one.</summary>
    public IReadOnlyList<string> TrustDomainAliases { get; init; } = [];

    /// <summary>Further roots that are trusted.</summary>
    public IReadOnlyList<MeshCaCertificate> CaCertificates { get; init; } = [];

    /// <summary>exportTo of services that have none.</summary>
    public IReadOnlyList<string> DefaultServiceExportTo { get; init; } = [];

    /// <summary>exportTo of VirtualServices that have none.</summary>
    public IReadOnlyList<string> DefaultVirtualServiceExportTo { get; init; } = [];

    /// <summary>exportTo of DestinationRules that have none.</summary>
    public IReadOnlyList<string> DefaultDestinationRuleExportTo { get; init; } = [];

    /// <summary>Namespace whose rules hold for all. Default <c>istio-system</c>.</summary>
    public string? RootNamespace { get; init; }

    /// <summary>Preferred localities.</summary>
    public LocalityLoadBalancerSetting? LocalityLbSetting { get; init; }

    /// <summary>Time between two look-ups of a name. Default <c>60s</c>.</summary>
    public Duration? DnsRefreshRate { get; init; }

    /// <summary>Whether HTTP/1.1 is sent on as HTTP/2.</summary>
    [AllowedValues("DO_NOT_UPGRADE", "UPGRADE")]
    public string? H2UpgradePolicy { get; init; }

    /// <summary>Time in which a connection's protocol is found out; <c>0s</c>: as long as it takes.</summary>
    public Duration? ProtocolDetectionTimeout { get; init; }

    /// <summary>Name of inbound statistics.</summary>
    public string? InboundClusterStatName { get; init; }

    /// <summary>Name of outbound statistics.</summary>
    public string? OutboundClusterStatName { get; init; }

    /// <summary>Whether the application's metrics are served with the sidecar's.</summary>
    public bool? EnablePrometheusMerge { get; init; }

    /// <summary>Superseded by settings of each DestinationRule.</summary>
    public bool? VerifyCertificateAtClient { get; init; }

    /// <summary>Another authority that signs certificates.</summary>
    public MeshCa? Ca { get; init; }

    /// <summary>Services that AuthorizationPolicy and Telemetry name.</summary>
    public IReadOnlyList<MeshExtensionProvider> ExtensionProviders { get; init; } = [];

    /// <summary>Providers of Telemetries that name none.</summary>
    public DefaultProviders? DefaultProviders { get; init; }

    /// <summary>Labels of the namespaces that are looked at. Default: all.</summary>
    public IReadOnlyList<LabelSelector> DiscoverySelectors { get; init; } = [];

    /// <summary>How paths are brought to one form.</summary>
    public PathNormalizationSettings? PathNormalization { get; init; }

    /// <summary>Retries of routes that say nothing of them.</summary>
    public HttpRetry? DefaultHttpRetryPolicy { get; init; }

    /// <summary>Retries from the sidecar to its own application.</summary>
    public HttpRetry? DefaultInboundHttpRetryPolicy { get; init; }

    /// <summary>TLS between sidecars.</summary>
    public TlsConfig? MeshMTLS { get; init; }

    /// <summary>TLS to and from the outside.</summary>
    public TlsConfig? TlsDefaults { get; init; }

    /// <summary>Certificates that Istio makes into Secrets; deprecated.</summary>
    public IReadOnlyList<MeshCertificate> Certificates { get; init; } = [];

    /// <summary>Settings of single services.</summary>
    public IReadOnlyList<ServiceSettings> ServiceSettings { get; init; } = [];

    /// <summary>Which services are seen by which clusters.</summary>
    public IReadOnlyList<JsonElement> ServiceScopeConfigs { get; init; } = [];

    /// <summary>Time after which an unused tunnel is closed.</summary>
    public Duration? HboneIdleTimeout { get; init; }
}
