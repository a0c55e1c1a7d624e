using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Local.ApiServer.Certificates;

/// <summary>
/// The server's own certificate authority: it signs the serving certificate and clients' certificates and nothing else.
/// Keys lie in the state directory, readable by their owner only, so that what was handed out stays good after a restart.
/// </summary>
internal sealed class ServerCertificates
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private readonly X509Certificate2 authority;
    private readonly ConditionalWeakTable<X509Certificate2, ApiUser> recognised = [];
    private readonly TimeProvider time;

    private ServerCertificates(X509Certificate2 authority, TimeProvider time)
    {
        this.authority = authority;
        this.time = time;
        AuthorityPem = authority.ExportCertificatePem();
    }

    public string AuthorityPem { get; }

    public static ServerCertificates Open(string directory, TimeProvider time)
    {
        Directory.CreateDirectory(directory);
        var certificatePath = Path.Combine(directory, "ca.crt");
        var keyPath = Path.Combine(directory, "ca.key");
        if (File.Exists(certificatePath) && File.Exists(keyPath))
        {
            var kept = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
            if (kept.NotAfter.ToUniversalTime() > time.GetUtcNow().UtcDateTime.AddDays(30))
                return new ServerCertificates(kept, time);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mesh-local-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        var made = request.CreateSelfSigned(now.AddMinutes(-5), now.AddYears(10));
        PrivateFile.Write(keyPath, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificatePath, made.ExportCertificatePem());
        return new ServerCertificates(made, time);
    }

    /// <summary>The serving certificate; made anew at each start, because addresses change.</summary>
    public X509Certificate2 Serving(IEnumerable<string> names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names.Distinct())
        {
            if (IPAddress.TryParse(name, out var address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        }

        return Issue(new X500DistinguishedName("CN=kube-apiserver"), ServerAuthentication, alternatives.Build());
    }

    /// <summary>A client's certificate: common name is the user, organisations are its groups.</summary>
    public X509Certificate2 ForClient(ApiUser user)
    {
        var subject = new X500DistinguishedNameBuilder();
        foreach (var group in user.Groups.Where(group => group != "system:authenticated"))
            subject.AddOrganizationName(group);
        subject.AddCommonName(user.Name);
        return Issue(subject.Build(), ClientAuthentication, null);
    }

    /// <summary>The user a certificate names; null when this authority did not sign it or it has run out.</summary>
    public ApiUser? Recognise(X509Certificate2 certificate)
    {
        // A connection shows the same certificate with each of its requests.
        if (recognised.TryGetValue(certificate, out var known) && certificate.NotAfter.ToUniversalTime() > time.GetUtcNow().UtcDateTime)
            return known;
        var user = Verify(certificate);
        if (user is not null)
            recognised.AddOrUpdate(certificate, user);
        return user;
    }

    private ApiUser? Verify(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        if (!chain.Build(certificate))
            return null;
        var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false)
            .Select(part => (Type: part.GetSingleElementType().Value, Value: part.GetSingleElementValue()))
            .ToList();
        var name = names.LastOrDefault(part => part.Type == "2.5.4.3").Value;
        return name is null
            ? null
            : new ApiUser(name, [.. names.Where(part => part.Type == "2.5.4.10").Select(part => part.Value!), "system:authenticated"])
            {
                Extra = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add(
                    "authentication.kubernetes.io/credential-id", ["X509SHA256=" + Convert.ToHexStringLower(SHA256.HashData(certificate.RawData))]),
            };
    }

    private X509Certificate2 Issue(X500DistinguishedName subject, string usage, X509Extension? alternatives)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        if (alternatives is not null)
            request.CertificateExtensions.Add(alternatives);
        var now = time.GetUtcNow();
        using var issued = request.Create(authority, now.AddMinutes(-5), now.AddYears(1), RandomNumberGenerator.GetBytes(16));
        return issued.CopyWithPrivateKey(key);
    }
}
