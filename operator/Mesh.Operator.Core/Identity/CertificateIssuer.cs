using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Identity;

namespace Mesh.Operator.Core.Identity;

/// <summary>
/// Writes a workload's certificate: whose it is stands in the one URI name (critical, since the subject is empty), everything
/// else is the same for all.
/// </summary>
public static class CertificateIssuer
{
    /// <summary>How far clocks of two machines may be apart.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);

    /// <summary>128 bits, as long as a positive DER integer of 16 bytes goes.</summary>
    public const int SerialLength = 16;

    private static readonly OidCollection Purposes = [new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")];

    /// <param name="authority">Who signs.</param>
    /// <param name="key">Whose key is certified.</param>
    /// <param name="id">Who that is.</param>
    /// <param name="now">The time; valid from two minutes before.</param>
    /// <param name="life">How long it is valid, at most as long as the authority.</param>
    /// <param name="serial">Chance, of <see cref="SerialLength"/> bytes.</param>
    public static X509Certificate2 Issue(SigningAuthority authority, PublicKey key, SpiffeId id, DateTimeOffset now, TimeSpan life, ReadOnlySpan<byte> serial)
    {
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(Purposes, false));
        // A user's authority may name no key of its own.
        if (authority.Certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any())
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority.Certificate, true, false));
        request.CertificateExtensions.Add(UriName.Extension(id.ToString(), critical: true));
        var signer = authority.Certificate;
        var notBefore = Later(now - ClockSkew, signer.NotBefore.ToUniversalTime());
        var notAfter = Earlier(now + life, signer.NotAfter.ToUniversalTime());
        return request.Create(signer.SubjectName, authority.Generator, notBefore, notAfter, Positive(serial));
    }

    /// <summary>A serial number is a positive integer without leading zeros: the first bit is off, the second on.</summary>
    internal static byte[] Positive(ReadOnlySpan<byte> chance)
    {
        var serial = chance[..SerialLength].ToArray();
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
