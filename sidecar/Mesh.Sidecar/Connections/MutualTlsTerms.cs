using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;

namespace Mesh.Sidecar.Connections;

/// <summary>What both halves of mutual TLS of the mesh ask of the library.</summary>
internal static class MutualTlsTerms
{
    /// <summary>
    /// The library builds a chain of its own before it asks us, by default against the system's roots. Whom to trust is ours to
    /// say, for each handshake anew; so its chain is kept from searching anything.
    /// </summary>
    public static X509ChainPolicy NoChain { get; } = new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    /// <summary>The versions spoken; the newest both sides know wins.</summary>
    public static SslProtocols Protocols(TlsVersion minimum) =>
        minimum == TlsVersion.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>What the library says of a failure, without its wrappings.</summary>
    public static string Reason(Exception failure)
    {
        while (failure.InnerException is { } inner) failure = inner;
        return $"the handshake failed: {failure.Message.TrimEnd('.')}";
    }
}
