namespace Mesh.Config;

/// <summary>Settings of the whole mesh (Istio's MeshConfig), as far as a proxy acts on them.</summary>
public sealed record MeshSettings
{
    /// <summary>Trust domain of all identities. Default <c>cluster.local</c>.</summary>
    public string TrustDomain { get; init; } = "cluster.local";

    /// <summary>Where the access log goes: a path or <c>/dev/stdout</c>; empty turns it off.</summary>
    public string AccessLogFile { get; init; } = "";

    /// <summary>Format of the lines: Envoy's text with operators, or for JSON an object as text; empty: Istio's own.</summary>
    public string AccessLogFormat { get; init; } = "";

    /// <summary><c>true</c>: one JSON object a line instead of Istio's text format.</summary>
    public bool AccessLogJson { get; init; }

    /// <summary>How long an undeclared protocol may stay silent before the connection is treated as opaque TCP. Default 300 ms.</summary>
    public TimeSpan ProtocolDetectionTimeout { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long requests in flight may take after SIGTERM. Default 25 s (below Kubernetes' grace of 30 s).</summary>
    public TimeSpan DrainDuration { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Retries of requests on their way to the application, but for gRPC; without attempts there are none. <c>null</c>: two, where
    /// nothing of the request was sent.
    /// </summary>
    public RetryPolicy? InboundRetry { get; init; }

    /// <summary>Oldest version of TLS within the mesh. Default 1.2.</summary>
    public TlsVersion MinimumTlsVersion { get; init; } = TlsVersion.Tls12;

    /// <summary>How request paths are normalised before they are matched and sent.</summary>
    public PathNormalization PathNormalization { get; init; } = PathNormalization.Base;
}
