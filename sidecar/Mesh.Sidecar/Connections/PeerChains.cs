using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Identity;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// Holds what a peer shows against the roots of the moment. Certificates between a root and a peer come with the peer, but not
/// when a session is resumed, as a ticket keeps the peer's own alone: so those that once led to a root are remembered. They
/// are a way to a root, no reason to trust.
/// </summary>
internal sealed class PeerChains(TimeProvider time)
{
    // A mesh has one signer, and for a while two; the bound is for peers that show what is not the mesh's.
    private const int Most = 32;

    private readonly ConcurrentDictionary<string, X509Certificate2> known = new(StringComparer.Ordinal);

    /// <summary>Whether a root vouches for it, and whose it is; <paramref name="why"/> says what fails.</summary>
    /// <param name="shown">The peer's certificate; <c>null</c> when it showed none.</param>
    /// <param name="chain">As the library asks about it, with what came along.</param>
    /// <param name="roots">Trusted now.</param>
    public bool TryVerify(X509Certificate2? shown, X509Chain? chain, X509Certificate2Collection roots, [NotNullWhen(true)] out SpiffeId? id, out string why)
    {
        var sent = chain?.ChainPolicy.ExtraStore;
        var between = new X509Certificate2Collection();
        foreach (var certificate in known.Values) between.Add(certificate);
        if (sent is not null) between.AddRange(sent);
        if (!SpiffeCertificates.TryVerify(shown, between, roots, time.GetUtcNow(), out id, out why)) return false;
        if (sent is { Count: > 0 }) Remember(sent, shown!, roots);
        return true;
    }

    private void Remember(X509Certificate2Collection sent, X509Certificate2 shown, X509Certificate2Collection roots)
    {
        foreach (var certificate in sent)
        {
            // The library lists the peer's own along with the others, and some peers send their root.
            if (known.Count >= Most || certificate.RawDataMemory.Span.SequenceEqual(shown.RawDataMemory.Span) || roots.Contains(certificate)) continue;
            var name = SpiffeCertificates.FingerprintOf(certificate);
            // The one at hand is the library's, which closes it after the handshake.
            if (!known.ContainsKey(name)) known.TryAdd(name, X509CertificateLoader.LoadCertificate(certificate.RawData));
        }
    }
}
