using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>TLS that is ended (or passed through) where connections arrive.</summary>
public sealed record ServerTlsSettings
{
    /// <summary>Answer every request in clear text with a redirect to HTTPS. Default false.</summary>
    public bool? HttpsRedirect { get; init; }

    /// <summary>
    /// <c>PASSTHROUGH</c> (default): not ended, SNI chooses the route; <c>SIMPLE</c>: ended; <c>MUTUAL</c>: the caller must
    /// show a certificate; <c>AUTO_PASSTHROUGH</c>: SNI names the destination; <c>ISTIO_MUTUAL</c>: mutual TLS of the mesh;
    /// <c>OPTIONAL_MUTUAL</c>: a certificate that is shown must be valid.
    /// </summary>
    [AllowedValues("PASSTHROUGH", "SIMPLE", "MUTUAL", "AUTO_PASSTHROUGH", "ISTIO_MUTUAL", "OPTIONAL_MUTUAL")]
    public string? Mode { get; init; }

    /// <summary>File with the certificate.</summary>
    public string? ServerCertificate { get; init; }

    /// <summary>File with its private key.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>File with the certificates that may sign a caller's (MUTUAL).</summary>
    public string? CaCertificates { get; init; }

    /// <summary>File with the list of revoked certificates.</summary>
    public string? CaCrl { get; init; }

    /// <summary>Name of a Secret with certificate and key, and the CA for MUTUAL.</summary>
    public string? CredentialName { get; init; }

    /// <summary>Names of Secrets, each with a certificate and key of another type.</summary>
    public IReadOnlyList<string> CredentialNames { get; init; } = [];

    /// <summary>Name of a Secret that holds only the CA.</summary>
    public string? CaCertCredentialName { get; init; }

    /// <summary>Files with certificates and keys, one or two of different types.</summary>
    public IReadOnlyList<TlsCertificate> TlsCertificates { get; init; } = [];

    /// <summary>Names of which a caller's certificate must carry one.</summary>
    public IReadOnlyList<string> SubjectAltNames { get; init; } = [];

    /// <summary>SHA-256 of the public key (SPKI), base64, of which a caller's certificate must have one.</summary>
    public IReadOnlyList<string> VerifyCertificateSpki { get; init; } = [];

    /// <summary>SHA-256 of the certificate, hexadecimal, of which a caller's must be one.</summary>
    public IReadOnlyList<string> VerifyCertificateHash { get; init; } = [];

    /// <summary>Oldest version taken. Default: <c>TLSV1_2</c>.</summary>
    [AllowedValues("TLS_AUTO", "TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3")]
    public string? MinProtocolVersion { get; init; }

    /// <summary>Newest version taken. Default: <c>TLSV1_3</c>.</summary>
    [AllowedValues("TLS_AUTO", "TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3")]
    public string? MaxProtocolVersion { get; init; }

    /// <summary>Ciphers taken, by their OpenSSL names. Default: the safe ones.</summary>
    public IReadOnlyList<string> CipherSuites { get; init; } = [];
}
