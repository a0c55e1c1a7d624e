using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Net.Security;

namespace Mesh.Sidecar.Connections;

/// <summary>What a credential holds: the certificate that is shown, and whom one trusts.</summary>
internal sealed class Credential
{
    private Credential(SslStreamCertificateContext? shown, X509Certificate2Collection roots, RevocationList? revocations) =>
        (Shown, Roots, Revocations) = (shown, roots, revocations);

    /// <summary>With its key and chain; <c>null</c> in a file that holds trust only.</summary>
    public SslStreamCertificateContext? Shown { get; }

    /// <summary>Empty where the server is not to be verified.</summary>
    public X509Certificate2Collection Roots { get; }

    public RevocationList? Revocations { get; }

    /// <summary>The file as <see cref="Mesh.Config.CredentialRef"/> describes it.</summary>
    /// <exception cref="CryptographicException">It cannot be read.</exception>
    /// <exception cref="ArgumentException">The key is not the certificate's.</exception>
    public static Credential Parse(string pem)
    {
        var key = KeyIn(pem);
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(pem.AsSpan(key.End.Value));
        return new Credential(key.End.Value > 0 ? Read(pem[..key.End]) : null, roots, pem.Contains("-----BEGIN X509 CRL-----", StringComparison.Ordinal) ? RevocationList.Parse(pem) : null);
    }

    /// <summary>A certificate with its key and the certificates that lead from it to a root, in this order.</summary>
    public static SslStreamCertificateContext Read(string pem)
    {
        using var ephemeral = X509Certificate2.CreateFromPem(pem, pem);
        var all = new X509Certificate2Collection();
        all.ImportFromPem(pem);
        var own = X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), null);
        return SslStreamCertificateContext.Create(own, [.. all.Skip(1)], offline: true);
    }

    private static Range KeyIn(string pem)
    {
        for (var from = 0; PemEncoding.TryFind(pem.AsSpan(from), out var block); from += block.Location.End.Value)
        {
            if (pem.AsSpan(from)[block.Label].EndsWith("PRIVATE KEY", StringComparison.Ordinal))
                return (from + block.Location.Start.Value)..(from + block.Location.End.Value);
        }

        return 0..0;
    }
}
