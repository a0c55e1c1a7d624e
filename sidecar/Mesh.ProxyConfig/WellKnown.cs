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

    /// <summary>Documents larger than this many bytes are compressed.</summary>
    public const int CompressAbove = 256 * 1024;
}
