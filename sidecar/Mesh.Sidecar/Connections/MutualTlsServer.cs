using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;
using Mesh.Sidecar.Identity;

namespace Mesh.Sidecar.Connections;

/// <summary>The server's half of mutual TLS of the mesh: shows our certificate, asks for the client's and holds it against the roots.</summary>
public sealed class MutualTlsServer(IdentityState identity, TimeProvider time)
{
    /// <summary>The longest a client may take from its first byte to the end of the handshake.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private static readonly List<SslApplicationProtocol> OfMesh = [new(WellKnown.AlpnHttp2), new(WellKnown.AlpnHttp1), new(WellKnown.AlpnTcp)];

    // Where nothing but mutual TLS is taken, a client need not be a proxy: it shows its certificate and speaks plain ALPN or none.
    private static readonly List<SslApplicationProtocol> OfAnybody = [.. OfMesh, SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    private readonly PeerChains chains = new(time);

    /// <summary>Handshakes so far.</summary>
    public HandshakeCount Handshakes { get; } = new();

    /// <summary>
    /// Makes the handshake on a socket of which nothing was read yet. The peer is verified when this returns; everything else
    /// throws a <see cref="TlsRefusedException"/>, but for the caller's own cancellation.
    /// </summary>
    public async ValueTask<(SslStream Stream, MutualTlsPeer Peer)> AuthenticateAsync(Socket socket, TlsVersion minimum, CancellationToken cancellation)
    {
        if (identity.Current is not { } self || identity.Trust is not { } trust)
            throw new TlsRefusedException("this sidecar has no certificate yet", null);

        MutualTlsPeer? peer = null;
        var why = "";
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = self.Context,
                    ClientCertificateRequired = true,
                    EnabledSslProtocols = MutualTlsTerms.Protocols(minimum),
                    ApplicationProtocols = OfAnybody,
                    AllowRenegotiation = false,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    CertificateChainPolicy = MutualTlsTerms.NoChain,
                    RemoteCertificateValidationCallback = (_, shown, chain, _) =>
                    {
                        var certificate = shown as X509Certificate2;
                        if (!chains.TryVerify(certificate, chain, trust.Roots, out var id, out why)) return false;
                        why = $"the client is {id}, of another trust domain than {trust.TrustDomain}";
                        if (id.TrustDomain != trust.TrustDomain) return false;
                        peer = new MutualTlsPeer(id, certificate!, self.Id);
                        return true;
                    },
                },
                either.Token);
            Handshakes.CountMade();
            return (stream, peer!);
        }
        catch (OperationCanceledException e)
        {
            await stream.DisposeAsync();
            if (cancellation.IsCancellationRequested) throw;
            Handshakes.CountFailed();
            throw new TlsRefusedException($"the handshake took longer than {Deadline.TotalSeconds} s", e);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or CryptographicException or ObjectDisposedException)
        {
            await stream.DisposeAsync();
            Handshakes.CountFailed();
            throw new TlsRefusedException(peer is null && why.Length > 0 ? why : MutualTlsTerms.Reason(e), e);
        }
    }
}
