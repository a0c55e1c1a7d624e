namespace Mesh.Api.Networking;

/// <summary>A certificate in files.</summary>
public sealed record TlsCertificate
{
    /// <summary>File with the certificate.</summary>
    public string? ServerCertificate { get; init; }

    /// <summary>File with its private key.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>File with the certificates that may sign a caller's.</summary>
    public string? CaCertificates { get; init; }
}
