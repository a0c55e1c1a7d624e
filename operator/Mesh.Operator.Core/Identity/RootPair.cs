using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Identity;

namespace Mesh.Operator.Core.Identity;

// Who is who in the mesh is decided here: which root signs, when the next one comes and the last one goes, whether a request
// for a certificate is granted and what stands in it. Values come in (the time, what the token review said, what proxies
// report, a key that was made elsewhere), decisions and certificates go out. What never happens here: I/O, a look at a clock,
// a name taken from a signing request, a key in a text that leaves for anywhere but the Secret.

/// <summary>A root and who signs under it: an own root signs itself, a user's has a signer that the user brought.</summary>
public sealed class RootPair
{
    private readonly UserAuthority? _user;

    private RootPair(X509Certificate2 certificate, UserAuthority? user = null, bool isUsers = false) =>
        (Certificate, Fingerprint, _user, IsUsers) = (certificate, SpiffeCertificates.FingerprintOf(certificate), user, isUsers);

    /// <summary>The root; an own one with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>A user brought it, and renews it.</summary>
    public bool IsUsers { get; }

    /// <summary>The key to sign under it is at hand.</summary>
    public bool CanSign => !IsUsers || _user is not null;

    /// <summary>SHA-256, as in reports.</summary>
    public string Fingerprint { get; }

    public DateTimeOffset NotBefore => Certificate.NotBefore.ToUniversalTime();

    public DateTimeOffset NotAfter => Certificate.NotAfter.ToUniversalTime();

    /// <summary>As it is published; a user may have brought more roots along, such as the next one.</summary>
    public string CertificatePem => _user?.RootsPem ?? Certificate.ExportCertificatePem() + "\n";

    /// <summary>Who signs under it.</summary>
    public SigningAuthority Signer() => _user is { } user
        ? new SigningAuthority(user.Signer, Fingerprint, user.Intermediates)
        : new SigningAuthority(Certificate, Fingerprint);

    /// <summary>A user's root with its signer.</summary>
    public static RootPair Of(UserAuthority user) => new(user.Root, user, isUsers: true);

    /// <summary>A user's root as the Secret remembers it, where its signer is not at hand any more.</summary>
    public static RootPair? ReadUsers(string certificatePem)
    {
        try
        {
            return new RootPair(X509Certificate2.CreateFromPem(certificatePem), isUsers: true);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>For the Secret and nothing else.</summary>
    public string ExportKeyPem()
    {
        using var key = Certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>Reads what stands in the Secret; null where the two texts are no certificate authority with its key.</summary>
    public static RootPair? Read(string certificatePem, string keyPem)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            if (certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(basic => basic.CertificateAuthority) && certificate.GetKeyAlgorithm() == EllipticCurve)
                return new RootPair(certificate);
            certificate.Dispose();
            return null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Makes a self-signed root over a key.</summary>
    public static RootPair Make(ECDsa key, ReadOnlySpan<byte> serial, string trustDomain, DateTimeOffset now, TimeSpan life)
    {
        var number = CertificateIssuer.Positive(serial);
        // No two roots share a name, or chains are built with the wrong one.
        var request = new CertificateRequest(
            new X500DistinguishedName($"O={Quoted(trustDomain)}, CN=mesh root {Convert.ToHexStringLower(number.AsSpan(0, 6))}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        var subjectKey = new X509SubjectKeyIdentifierExtension(request.PublicKey, false);
        request.CertificateExtensions.Add(subjectKey);
        request.CertificateExtensions.Add(UriName.Extension($"spiffe://{trustDomain}", critical: false));
        using var bare = request.Create(
            request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now - CertificateIssuer.ClockSkew, now + life, number);
        return new RootPair(bare.CopyWithPrivateKey(key));
    }

    private const string EllipticCurve = "1.2.840.10045.2.1";

    private static string Quoted(string text) => $"\"{text.Replace("\"", "", StringComparison.Ordinal)}\"";
}
