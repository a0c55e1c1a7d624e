namespace Mesh.Config;

/// <summary>Ports, ids and paths that the init container, the sidecar and the operator agree on.</summary>
public static class WellKnown
{
    /// <summary>Admin interface of the sidecar, on loopback only.</summary>
    public const int AdminPort = 15000;

    /// <summary>Captured outbound connections arrive here.</summary>
    public const int OutboundPort = 15001;

    /// <summary>Captured inbound connections arrive here.</summary>
    public const int InboundPort = 15006;

    /// <summary>Control session between operator and sidecar (mutual TLS only).</summary>
    public const int ControlPort = 15012;

    /// <summary>Prometheus metrics, the read-only report, rewritten probes.</summary>
    public const int StatusPort = 15020;

    /// <summary>Readiness of the sidecar.</summary>
    public const int ReadinessPort = 15021;

    /// <summary>DNS capture.</summary>
    public const int DnsPort = 15053;

    /// <summary>Reserved by Istio for the proxy's own metrics; excluded from capture for compatibility.</summary>
    public const int ProxyMetricsPort = 15090;

    /// <summary>User and group id of the sidecar; its connections are not captured again.</summary>
    public const int ProxyUid = 1337;

    /// <summary>Source address of the sidecar's IPv4 connections to the application in its own pod.</summary>
    public const string InboundSourceIPv4 = "127.0.0.6";

    /// <summary>Source address of the sidecar's IPv6 connections to the application in its own pod.</summary>
    public const string InboundSourceIPv6 = "::6";

    /// <summary>Directory where the pod's ConfigMap is mounted.</summary>
    public const string ConfigDirectory = "/etc/mesh/config";

    /// <summary>The config document in the mounted directory.</summary>
    public const string ConfigFile = "config.json";

    /// <summary>The same document, gzip-compressed, for configs past <see cref="CompressAbove"/>.</summary>
    public const string CompressedConfigFile = "config.json.gz";

    /// <summary>Directory where the namespace's ConfigMap <see cref="TrustConfigMap"/> is mounted.</summary>
    public const string TrustDirectory = "/etc/mesh/trust";

    /// <summary>ConfigMap in each namespace with pods of the mesh: whom they trust and where the operator is.</summary>
    public const string TrustConfigMap = "mesh-root";

    /// <summary>Key of it: every root that is valid now, as PEM.</summary>
    public const string TrustRoots = "roots.pem";

    /// <summary>Key of it: SPIFFE id of the operator.</summary>
    public const string TrustOperator = "operator";

    /// <summary>Key of it: host and port of the operator's side of the control port.</summary>
    public const string TrustAddress = "address";

    /// <summary>Key of it: the trust domain.</summary>
    public const string TrustDomain = "trust-domain";

    /// <summary>Directory where the workload's composed Secret is mounted: a file for each credential that its config names.</summary>
    public const string CredentialsDirectory = "/etc/mesh/credentials";

    /// <summary>Directory of the sidecar's own, on tmpfs: it outlives the container but never reaches a disk.</summary>
    public const string DataDirectory = "/var/run/mesh";

    /// <summary>The projected token that proves to the operator which pod this is.</summary>
    public const string TokenFile = "/var/run/secrets/mesh/token";

    /// <summary>The one audience of that token.</summary>
    public const string TokenAudience = "mesh-ca";

    /// <summary>Server name (SNI) and path of the session; the certificate shown for it is an issued one.</summary>
    public const string SessionName = "session.mesh.internal";

    /// <summary>Server name (SNI) of an issuing exchange; the certificate shown for it is self-signed over the key to be certified.</summary>
    public const string IssueName = "issue.mesh.internal";

    /// <summary>Path of the session's one stream.</summary>
    public const string SessionPath = "/v1/session";

    /// <summary>Path of an issuing exchange's one stream.</summary>
    public const string IssuePath = "/v1/issue";

    /// <summary>ALPN of mutual TLS of the mesh around opaque bytes; Istio's name, so that both can be told from an application's own TLS.</summary>
    public const string AlpnTcp = "istio";

    /// <summary>ALPN of mutual TLS of the mesh around HTTP/1.1.</summary>
    public const string AlpnHttp1 = "istio-http/1.1";

    /// <summary>ALPN of mutual TLS of the mesh around HTTP/2.</summary>
    public const string AlpnHttp2 = "istio-h2";

    /// <summary>Documents larger than this many bytes are compressed.</summary>
    public const int CompressAbove = 256 * 1024;
}
