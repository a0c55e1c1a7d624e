using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Injection;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>Istio's MeshConfig, as far as this version acts on it.</summary>
public sealed record MeshWideSettings
{
    public static readonly MeshWideSettings Default = new();

    public string TrustDomain { get; init; } = MeshNames.ClusterDomain;

    /// <summary>Sidecars speak mutual TLS to each other where no rule says otherwise (<c>enableAutoMtls</c>). Default true.</summary>
    public bool AutoMutualTls { get; init; } = true;

    /// <summary>Oldest version of TLS between sidecars (<c>meshMTLS.minProtocolVersion</c>). Default 1.2.</summary>
    public TlsVersion MinimumTlsVersion { get; init; } = TlsVersion.Tls12;

    /// <summary>How long a workload's certificate is valid (<c>defaultConfig.proxyMetadata.SECRET_TTL</c>). Default 24 h.</summary>
    public TimeSpan WorkloadCertificateLife { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Pods' DNS queries are captured (<c>defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE</c>). Default true.</summary>
    public bool DnsCapture { get; init; } = true;

    /// <summary>Applications' metrics are served with their sidecars' (<c>enablePrometheusMerge</c>). Default true.</summary>
    public bool PrometheusMerge { get; init; } = true;

    /// <summary>How sidecars are started (<c>defaultConfig</c>): threads and environment.</summary>
    public ProxyStart ProxyStart { get; init; } = ProxyStart.None;

    /// <summary>Rules in it are for the whole mesh (<c>rootNamespace</c>). Default <c>istio-system</c>.</summary>
    public string RootNamespace { get; init; } = MeshNames.RootNamespace;

    /// <summary>Who sees Services and ServiceEntries that do not say it (<c>defaultServiceExportTo</c>); none is everyone.</summary>
    public ValueArray<string> ServiceExportTo { get; init; } = [];

    /// <summary>The same of VirtualServices (<c>defaultVirtualServiceExportTo</c>).</summary>
    public ValueArray<string> VirtualServiceExportTo { get; init; } = [];

    /// <summary>The same of DestinationRules (<c>defaultDestinationRuleExportTo</c>).</summary>
    public ValueArray<string> DestinationRuleExportTo { get; init; } = [];

    /// <summary>How long an undeclared protocol may stay silent (<c>protocolDetectionTimeout</c>); null is the sidecar's own.</summary>
    public TimeSpan? ProtocolDetectionTimeout { get; init; }

    /// <summary>How long a sidecar that ends waits for what is under way (<c>defaultConfig.terminationDrainDuration</c>); null is its own.</summary>
    public TimeSpan? DrainDuration { get; init; }

    public UnknownDestinations UnknownDestinations { get; init; } = UnknownDestinations.AllowAny;

    public string AccessLogFile { get; init; } = "";

    public bool AccessLogJson { get; init; }

    public string AccessLogFormat { get; init; } = "";

    /// <summary>Limit for opening a connection (<c>connectTimeout</c>). Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Of connections to destinations that say nothing of it (<c>tcpKeepalive</c>).</summary>
    public TcpKeepalive? TcpKeepalive { get; init; }

    /// <summary>HTTP/1.1 is sent on as HTTP/2 to ports declared to speak HTTP (<c>h2UpgradePolicy</c>). Default false.</summary>
    public bool UpgradesToHttp2 { get; init; }

    /// <summary>Which localities are preferred where no DestinationRule says so (<c>localityLbSetting</c>).</summary>
    public Written<LocalityLoadBalancerSetting>? Locality { get; init; }

    /// <summary>Retries of routes that say nothing of them (<c>defaultHttpRetryPolicy</c>).</summary>
    public HttpRetry? DefaultRetries { get; init; }

    /// <summary>Retries of requests on their way to the application (<c>defaultInboundHttpRetryPolicy</c>).</summary>
    public HttpRetry? InboundRetries { get; init; }

    public PathNormalization PathNormalization { get; init; } = PathNormalization.Base;

    /// <summary>Fields and values that this version does not act on.</summary>
    public ValueArray<Finding> Findings { get; init; } = [];
}
