namespace Mesh.Config;

/// <summary>The protocol of a port, by appProtocol, port name or well-known number.</summary>
public enum AppProtocol
{
    /// <summary>Undeclared: HTTP/1, HTTP/2 and TLS are detected; silence or anything else is opaque TCP.</summary>
    Auto,

    /// <summary>HTTP/1.1 (an HTTP/2 preface is accepted too).</summary>
    Http,

    /// <summary>HTTP/2 without TLS, gRPC included.</summary>
    Http2,

    /// <summary>TLS, passed through; the SNI chooses the route.</summary>
    Tls,

    /// <summary>Opaque bytes; the server may speak first.</summary>
    Tcp,
}
