using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Operator.Tests;

/// <summary>The authority of a user: a root, and an intermediate that signs for the mesh.</summary>
internal sealed class Users : IDisposable
{
    public Users(bool isAuthority = true)
    {
        Root = Request("CN=company root", RootKey, true).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(5));
        Signer = Request("CN=mesh intermediate", Key, isAuthority).Create(Root, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1), RandomNumberGenerator.GetBytes(8));
    }

    public ECDsa RootKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public X509Certificate2 Root { get; }

    public X509Certificate2 Signer { get; }

    public string RootPem => Root.ExportCertificatePem() + "\n";

    public string SignerPem => Signer.ExportCertificatePem() + "\n";

    public void Dispose()
    {
        Root.Dispose();
        Signer.Dispose();
        RootKey.Dispose();
        Key.Dispose();
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }
}
