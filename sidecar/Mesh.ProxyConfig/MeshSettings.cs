namespace Mesh.Config;

/// <summary>Settings of the whole mesh (Istio's MeshConfig), as far as a proxy acts on them.</summary>
public sealed record MeshSettings
{
    /// <summary>Trust domain of all identities. Default <c>cluster.local</c>.</summary>
    public string TrustDomain { get; init; } = "cluster.local";

    /// <summary>Where the access log goes: a path or <c>/dev/stdout</c>; empty turns it off.</summary>
    public string AccessLogFile { get; init; } = "";

    /// <summary><c>true</c>: one JSON object a line instead of Istio's text format.</summary>
    public bool AccessLogJson { get; init; }

    /// <summary>How long an undeclared protocol may stay silent before the connection is treated as opaque TCP. Default 300 ms.</summary>
    public TimeSpan ProtocolDetectionTimeout { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long requests in flight may take after SIGTERM. Default 25 s (below Kubernetes' grace of 30 s).</summary>
    public TimeSpan DrainDuration { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How request paths are normalised before they are matched and sent.</summary>
    public PathNormalization PathNormalization { get; init; } = PathNormalization.Base;
}

/// <summary>How a request path is normalised, once, before matching, authorisation and sending.</summary>
public enum PathNormalization
{
    /// <summary>RFC 3986: dot segments removed, unreserved percent-encodings decoded, backslash becomes slash. The default.</summary>
    Base,

    /// <summary>The path is used as it came.</summary>
    None,

    /// <summary>Base, and several slashes become one.</summary>
    MergeSlashes,

    /// <summary>Encoded slashes and backslashes decoded, then as MergeSlashes.</summary>
    DecodeAndMergeSlashes,
}
