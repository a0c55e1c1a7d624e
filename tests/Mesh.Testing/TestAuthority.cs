using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Testing;

/// <summary>A certificate authority like the mesh's: an own root (ECDSA P-256), and leaves named by SPIFFE ids.</summary>
public sealed class TestAuthority : IDisposable
{
    /// <summary>Who may speak as the operator, in the trust that <see cref="WriteTrust"/> writes.</summary>
    public const string Operator = "spiffe://cluster.local/ns/mesh-system/sa/mesh-operator";

    private readonly ECDsa key;

    public TestAuthority(string organization = "cluster.local")
    {
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"O={organization}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        Root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(10));
    }

    private TestAuthority(X509Certificate2 root) => (Root, key) = (root, root.GetECDsaPrivateKey()!);

    /// <summary>One whose root and key somebody else made, as PEM: what a thief of them could do.</summary>
    public static TestAuthority Stolen(string certificate, string key) => new(X509Certificate2.CreateFromPem(certificate, key));

    /// <summary>One that this one vouches for: its certificates need its own beside them to lead to a root.</summary>
    public TestAuthority Intermediate()
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("O=intermediate", own, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var signed = request.Create(
            Root.SubjectName, X509SignatureGenerator.CreateForECDsa(key), DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddYears(1), RandomNumberGenerator.GetBytes(8));
        return new TestAuthority(signed.CopyWithPrivateKey(own));
    }

    /// <summary>The root, with its key.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>The root alone, as others are told to trust it.</summary>
    public X509Certificate2Collection Roots => [X509CertificateLoader.LoadCertificate(Root.RawData)];

    /// <summary>A leaf over a new key: empty subject, the id as its one name (a URI, else DNS), critical. Valid from two minutes back, for a day.</summary>
    public X509Certificate2 Issue(string id, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leaf = Issue(new CertificateRequest("", leafKey, HashAlgorithmName.SHA256).PublicKey, id, from, until);
        return leaf.CopyWithPrivateKey(leafKey);
    }

    /// <summary>A leaf over this key, without it.</summary>
    public X509Certificate2 Issue(PublicKey publicKey, string id, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        var request = new CertificateRequest(new X500DistinguishedName(""), publicKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (id.Contains("://", StringComparison.Ordinal)) names.AddUri(new Uri(id));
        else names.AddDnsName(id);
        request.CertificateExtensions.Add(names.Build(critical: true)); // RFC 5280 section 4.1.2.6: critical when the subject is empty
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        return request.Create(
            Root.SubjectName, X509SignatureGenerator.CreateForECDsa(key), from ?? DateTimeOffset.UtcNow.AddMinutes(-2), until ?? DateTimeOffset.UtcNow.AddDays(1), serial);
    }

    /// <summary>Writes what a pod finds mounted of ConfigMap mesh-root: this root and perhaps others, the operator, its address.</summary>
    public void WriteTrust(string directory, string address = "", params TestAuthority[] others)
    {
        Directory.CreateDirectory(directory);
        Write("operator", Operator);
        Write("address", address);
        Write("trust-domain", "cluster.local");
        Write("roots.pem", string.Join('\n', others.Prepend(this).Select(authority => authority.Root.ExportCertificatePem())));

        void Write(string name, string content)
        {
            var next = Path.Combine(directory, $".{name}");
            File.WriteAllText(next, content);
            File.Move(next, Path.Combine(directory, name), overwrite: true);
        }
    }

    /// <summary>
    /// Writes an identity into a sidecar's own directory, as one that was started again finds it: a sidecar process needs no
    /// operator then.
    /// </summary>
    public void WriteIdentity(string directory, string id, DateTimeOffset? received = null, DateTimeOffset? until = null)
    {
        Directory.CreateDirectory(directory);
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leaf = Issue(new PublicKey(leafKey), id, until: until);
        File.WriteAllBytes(
            Path.Combine(directory, "identity.pem"),
            Encoding.ASCII.GetBytes($"received: {(received ?? DateTimeOffset.UtcNow).UtcDateTime:O}\n{leafKey.ExportPkcs8PrivateKeyPem()}\n{leaf.ExportCertificatePem()}\n"));
    }

    public void Dispose()
    {
        Root.Dispose();
        key.Dispose();
    }
}
