namespace Mesh.Sidecar.Connections;

/// <summary>What the first bytes of a connection say.</summary>
public enum DetectedProtocol
{
    /// <summary>Anything else, or silence.</summary>
    Tcp,

    /// <summary>HTTP/1.0 or HTTP/1.1.</summary>
    Http1,

    /// <summary>HTTP/2 in clear text, by its preface.</summary>
    Http2,

    /// <summary>A TLS ClientHello.</summary>
    Tls,
}
