namespace Mesh.Config;

/// <summary>Oldest version of TLS that is spoken within the mesh.</summary>
public enum TlsVersion
{
    /// <summary>TLS 1.2, with 1.3 preferred.</summary>
    Tls12,

    /// <summary>TLS 1.3 only.</summary>
    Tls13,
}
