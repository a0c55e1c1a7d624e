using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Identity;

namespace Mesh.Sidecar.Identity;

/// <summary>A certificate as it was issued, with what it came with. Nothing is used of it before <see cref="TryVerify"/>.</summary>
internal sealed record IssuedChain(X509Certificate2 Leaf, X509Certificate2Collection Intermediates)
{
    public static bool TryRead(string chain, [NotNullWhen(true)] out IssuedChain? issued, out string why)
    {
        issued = null;
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(chain);
        }
        catch (CryptographicException broken)
        {
            why = $"the chain cannot be read: {broken.Message}";
            return false;
        }

        why = "the chain holds no certificate";
        if (certificates.Count == 0) return false;
        var leaf = certificates[0];
        certificates.RemoveAt(0);
        issued = new IssuedChain(leaf, certificates);
        return true;
    }

    /// <summary>Whether peers will take it for this pod.</summary>
    public bool TryVerify(TrustBundle trust, PodIdentity pod, DateTimeOffset now, [NotNullWhen(true)] out SpiffeId? id, out string why)
    {
        if (!SpiffeCertificates.TryVerify(Leaf, Intermediates, trust.Roots, now, out id, out why))
        {
            why = $"the certificate is not valid here: {why}";
            return false;
        }

        if (id.TrustDomain == trust.TrustDomain
            && (pod.Namespace.Length == 0 || id.Namespace == pod.Namespace)
            && (pod.ServiceAccount.Length == 0 || id.ServiceAccount == pod.ServiceAccount)) return true;
        why = $"the certificate is for {id}, this pod is {new SpiffeId(trust.TrustDomain, pod.Namespace, pod.ServiceAccount)}";
        return false;
    }

    /// <summary>The root that vouches for a certificate, if it is still trusted. Roots may share a name, so each is tried by itself.</summary>
    public static X509Certificate2? RootOf(X509Certificate2 certificate, X509Certificate2Collection intermediates, TrustBundle trust)
    {
        // Whether it is still valid is another question; it is answered as of its own beginning.
        var when = new DateTimeOffset(certificate.NotBefore).AddSeconds(1);
        return trust.Roots.FirstOrDefault(root => SpiffeCertificates.TryVerify(certificate, intermediates, [root], Later(when, root), out _, out _));
    }

    private static DateTimeOffset Later(DateTimeOffset when, X509Certificate2 root)
    {
        var from = new DateTimeOffset(root.NotBefore).AddSeconds(1);
        return when > from ? when : from;
    }
}
