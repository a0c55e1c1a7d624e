using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;
using Mesh.Config.Identity;

namespace Mesh.Operator.Webhooks;

// The API server asks here before it stores a pod or a rule. In come AdmissionReviews over HTTPS; out go a patch, a
// refusal with reasons, or warnings. What never happens here: a write to the cluster on behalf of a question asked (dry
// runs are questions too), or an answer that waits for anything but this process.

/// <summary>
/// The webhooks' certificates: a CA of our own, kept in a Secret by the leader for all replicas, and a serving certificate that
/// each process makes for itself and renews at half of its life. The CA's certificate goes into the webhook
/// configurations (caBundle).
/// </summary>
[EntityRbac(typeof(V1Secret), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update, OwnNamespace = true, Names = [SecretName])]
public sealed class WebhookCertificates(IKubernetesClient client, OperatorOptions options, TimeProvider time, ILogger<WebhookCertificates> log) : IDisposable
{
    public const string SecretName = "mesh-webhook-ca";

    private static readonly TimeSpan CaLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan ServingLife = TimeSpan.FromDays(365);

    private volatile X509Certificate2? _serving;

    /// <summary>What Kestrel shows; null before the CA is known.</summary>
    public X509Certificate2? Serving => _serving;

    /// <summary>Makes sure of CA and serving certificate; returns the CA's certificate as PEM, null while there is none.</summary>
    /// <param name="mayMake">Whether this process is the one that makes the CA: the leader.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<byte[]?> EnsureAsync(bool mayMake, CancellationToken cancellationToken)
    {
        using var ca = await CaAsync(mayMake, cancellationToken);
        if (ca is null) return null;
        var now = time.GetUtcNow();
        if (_serving is not { } serving || serving.NotAfter.ToUniversalTime() - now.UtcDateTime < ServingLife / 2 || serving.Issuer != ca.Subject || !IsSignedBy(serving, ca))
            _serving = Issue(ca, now);
        return Encoding.ASCII.GetBytes(ca.ExportCertificatePem() + "\n");
    }

    public void Dispose() => _serving?.Dispose();

    private async Task<X509Certificate2?> CaAsync(bool mayMake, CancellationToken cancellationToken)
    {
        while (true)
        {
            var secret = await client.GetAsync<V1Secret>(SecretName, options.Namespace, cancellationToken);
            if (secret is not null && Read(secret) is { } known) return known;
            if (!mayMake) return null;
            var made = MakeCa(time.GetUtcNow());
            try
            {
                if (secret is null)
                {
                    await client.CreateAsync(Secret(made, null), cancellationToken);
                }
                else
                {
                    log.LogWarning("Secret {Secret} holds no usable CA; a new one is made", SecretName);
                    await client.UpdateAsync(Secret(made, secret.Metadata), cancellationToken);
                }

                return made;
            }
            catch (ApiException e) when (e.IsConflict)
            {
                // Another replica was first: take its CA.
                made.Dispose();
            }
        }
    }

    private X509Certificate2? Read(V1Secret secret)
    {
        if (secret.Data is null || !secret.Data.TryGetValue("tls.crt", out var certificate) || !secret.Data.TryGetValue("tls.key", out var key)) return null;
        try
        {
            var ca = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(certificate), Encoding.ASCII.GetString(key));
            if (ca.NotAfter.ToUniversalTime() > time.GetUtcNow().UtcDateTime.AddDays(30)) return ca;
            ca.Dispose();
            return null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private V1Secret Secret(X509Certificate2 ca, V1ObjectMeta? existing)
    {
        using var key = ca.GetECDsaPrivateKey()!;
        return new V1Secret
        {
            Metadata = new V1ObjectMeta
            {
                Name = SecretName,
                NamespaceProperty = options.Namespace,
                ResourceVersion = existing?.ResourceVersion,
                Labels = new Dictionary<string, string> { [Api.MeshLabels.ManagedBy] = Api.MeshLabels.ManagedByOperator },
            },
            Type = existing is null ? "kubernetes.io/tls" : null,
            Data = new Dictionary<string, byte[]>
            {
                ["tls.crt"] = Encoding.ASCII.GetBytes(ca.ExportCertificatePem() + "\n"),
                ["tls.key"] = Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"),
            },
        };
    }

    private static X509Certificate2 MakeCa(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=mesh webhook CA {now:yyyyMMddHHmmss}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        // Two minutes back: clocks of nodes differ.
        return request.CreateSelfSigned(now.AddMinutes(-2), now + CaLife);
    }

    private X509Certificate2 Issue(X509Certificate2 ca, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mesh-operator webhooks", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, true, false));
        request.CertificateExtensions.Add(Names().Build());
        var serial = new byte[16];
        RandomNumberGenerator.Fill(serial);
        serial[0] &= 0x7f;
        var end = now + ServingLife < ca.NotAfter ? now + ServingLife : ca.NotAfter;
        using var certificate = request.Create(ca, now.AddMinutes(-2), end, serial);
        return certificate.CopyWithPrivateKey(key);
    }

    private SubjectAlternativeNameBuilder Names()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName($"{OperatorOptions.ServiceName}.{options.Namespace}.svc");
        names.AddDnsName($"{OperatorOptions.ServiceName}.{options.Namespace}.svc.cluster.local");
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        if (options.WebhookUrl is not { } url) return names;
        if (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address)) names.AddIpAddress(address);
        else names.AddDnsName(url.IdnHost);
        return names;
    }

    private bool IsSignedBy(X509Certificate2 certificate, X509Certificate2 ca)
    {
        using var chain = TrustedChain.Of(certificate, [], [ca], time.GetUtcNow(), out _);
        return chain is not null;
    }
}
