using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Identity;

namespace Mesh.Sidecar.Identity;

// Who this sidecar is and whom it trusts. What enters: the mounted roots, and certificates issued over keys made here. What
// leaves: an immutable identity and trust, swapped whole, which connections take once at their start. What never happens
// here: a key on a disk, in a message or in a log.

/// <summary>A certificate with its key, ready for handshakes. A connection keeps the one it began with.</summary>
public sealed class WorkloadIdentity
{
    /// <param name="certificate">With its private key.</param>
    /// <param name="intermediates">Sent along with it.</param>
    /// <param name="id">As read from the certificate.</param>
    public WorkloadIdentity(X509Certificate2 certificate, X509Certificate2Collection intermediates, SpiffeId id)
    {
        Certificate = certificate;
        Id = id;
        // One context for all handshakes: it carries the library's session cache, so that connections resume.
        Context = SslStreamCertificateContext.Create(certificate, intermediates, offline: true);
    }

    public X509Certificate2 Certificate { get; }

    public SpiffeId Id { get; }

    public SslStreamCertificateContext Context { get; }
}
