using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;
using Mesh.Config.Identity;

namespace Mesh.Sidecar.Identity;

/// <summary>
/// A new key and what it takes to have it certified: the request, and a self-signed certificate that proves possession in the
/// TLS handshake of the issuing exchange. One order, one key; it ends with one certificate.
/// </summary>
public sealed class CertificateOrder
{
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);
    private static readonly TimeSpan Life = TimeSpan.FromDays(1);

    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ECDsa key;
    private readonly PodIdentity pod;

    private CertificateOrder(ECDsa key, PodIdentity pod, string reason, string signingRequest, X509Certificate2 selfSigned)
    {
        (this.key, this.pod, Reason, SigningRequest) = (key, pod, reason, signingRequest);
        Context = SslStreamCertificateContext.Create(selfSigned, [], offline: true);
    }

    /// <summary>Why: <c>start</c>, <c>renewal</c>, <c>root change</c>.</summary>
    public string Reason { get; }

    /// <summary>PKCS#10, as PEM.</summary>
    public string SigningRequest { get; }

    /// <summary>The self-signed certificate over the key.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Completes when a certificate was issued and taken.</summary>
    public Task Done => done.Task;

    /// <summary>Makes the key.</summary>
    public static CertificateOrder Create(PodIdentity pod, string trustDomain, string reason, DateTimeOffset now)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        if (pod.Namespace.Length > 0 && pod.ServiceAccount.Length > 0)
        {
            // What it asks for is for the operator's audit log only; what it gets is decided by the token.
            var names = new SubjectAlternativeNameBuilder();
            names.AddUri(new Uri(new SpiffeId(trustDomain, pod.Namespace, pod.ServiceAccount).ToString()));
            request.CertificateExtensions.Add(names.Build(critical: true));
        }

        var self = new CertificateRequest($"CN={WellKnown.IssueName}", key, HashAlgorithmName.SHA256);
        return new CertificateOrder(key, pod, reason, request.CreateSigningRequestPem(), self.CreateSelfSigned(now - Skew, now + Life));
    }

    /// <summary>Checks an issued chain as strictly as any peer will, before it is used.</summary>
    public bool TryFulfil(string chain, TrustBundle trust, DateTimeOffset now, [NotNullWhen(true)] out WorkloadIdentity? identity, out string why)
    {
        identity = null;
        if (!IssuedChain.TryRead(chain, out var issued, out why)) return false;
        if (!issued.Leaf.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
        {
            why = "the certificate is over another key than the one it was asked for";
            return false;
        }

        if (!issued.TryVerify(trust, pod, now, out var id, out why)) return false;
        identity = new WorkloadIdentity(issued.Leaf.CopyWithPrivateKey(key), issued.Intermediates, id);
        return true;
    }

    /// <summary>Its certificate is in force.</summary>
    public void Complete() => done.TrySetResult();

    /// <summary>For the sidecar's own directory on tmpfs, and nowhere else.</summary>
    internal string ExportKey() => key.ExportPkcs8PrivateKeyPem();
}
