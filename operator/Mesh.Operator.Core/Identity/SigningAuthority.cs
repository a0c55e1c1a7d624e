using System.Security.Cryptography.X509Certificates;

namespace Mesh.Operator.Core.Identity;

/// <summary>Who signs workload certificates now: a root itself, or a user's intermediate under a root.</summary>
public sealed class SigningAuthority
{
    /// <param name="certificate">With its private key.</param>
    /// <param name="root">SHA-256 of the root it chains to.</param>
    /// <param name="intermediates">From the signer up to below the root; empty where the root itself signs.</param>
    public SigningAuthority(X509Certificate2 certificate, string root, X509Certificate2Collection? intermediates = null)
    {
        (Certificate, Root, Intermediates) = (certificate, root, intermediates ?? []);
        Generator = certificate.GetECDsaPrivateKey() is { } curve
            ? X509SignatureGenerator.CreateForECDsa(curve)
            : X509SignatureGenerator.CreateForRSA(certificate.GetRSAPrivateKey()!, System.Security.Cryptography.RSASignaturePadding.Pkcs1);
    }

    public X509Certificate2 Certificate { get; }

    public string Root { get; }

    public X509Certificate2Collection Intermediates { get; }

    internal X509SignatureGenerator Generator { get; }

    /// <summary>A certificate with what has to be sent along with it, as PEM.</summary>
    public string ChainOf(X509Certificate2 issued) =>
        string.Concat(Intermediates.Prepend(issued).Select(certificate => certificate.ExportCertificatePem() + "\n"));
}
