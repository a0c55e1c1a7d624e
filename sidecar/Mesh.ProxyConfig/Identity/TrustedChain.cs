using System.Security.Cryptography.X509Certificates;

namespace Mesh.Config.Identity;

/// <summary>The way from a certificate to a root, by the roots given and no others: neither the machine's store nor the network is asked.</summary>
public static class TrustedChain
{
    /// <summary>The chain, from the certificate to the root it ends at; <c>null</c> where there is none, and <paramref name="why"/> says so.</summary>
    /// <param name="certificate">Where it begins.</param>
    /// <param name="intermediates">What may stand in between.</param>
    /// <param name="roots">Where it may end.</param>
    /// <param name="now">When all of it has to be valid.</param>
    /// <param name="why">What is wrong, for people; empty when nothing is.</param>
    public static X509Chain? Of(X509Certificate2 certificate, X509Certificate2Collection intermediates, X509Certificate2Collection roots, DateTimeOffset now, out string why)
    {
        var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.ExtraStore.AddRange(intermediates);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        why = "";
        if (chain.Build(certificate)) return chain;
        why = string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()).Distinct(StringComparer.Ordinal));
        chain.Dispose();
        return null;
    }
}
