using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Identity;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// The client's half of mutual TLS of the mesh: shows our certificate and asks that the server is one of those the destination
/// consists of. Sessions are resumed by the library, per certificate and server name.
/// </summary>
public sealed class MutualTlsClient(IdentityState identity, TimeProvider time)
{
    /// <summary>Around HTTP/1.1.</summary>
    public static readonly SslApplicationProtocol Http1 = new(WellKnown.AlpnHttp1);

    /// <summary>Around HTTP/2.</summary>
    public static readonly SslApplicationProtocol Http2 = new(WellKnown.AlpnHttp2);

    /// <summary>Around opaque bytes.</summary>
    public static readonly SslApplicationProtocol Tcp = new(WellKnown.AlpnTcp);

    private readonly PeerChains chains = new(time);

    /// <summary>Handshakes so far.</summary>
    public HandshakeCount Handshakes { get; } = new();

    /// <summary>
    /// Makes the handshake over a connection that was just opened, which it owns from here on. The server is verified when this
    /// returns; failing throws a <see cref="ConnectFailedException"/>, but for the caller's own cancellation.
    /// </summary>
    public async ValueTask<SslStream> AuthenticateAsync(
        Stream connection, EndPoint endPoint, UpstreamTls terms, SslApplicationProtocol carried, TimeSpan timeout, CancellationToken cancellation)
    {
        if (identity.Current is not { } self || identity.Trust is not { } trust)
        {
            await connection.DisposeAsync();
            throw new ConnectFailedException(endPoint, "TLS: this sidecar has no certificate yet", null);
        }

        var why = "";
        var stream = new SslStream(connection);
        using var deadline = new CancellationTokenSource(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = terms.ServerName,
                    ClientCertificateContext = self.Context,
                    EnabledSslProtocols = MutualTlsTerms.Protocols(terms.Minimum),
                    ApplicationProtocols = [carried],
                    AllowRenegotiation = false,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    CertificateChainPolicy = MutualTlsTerms.NoChain,
                    RemoteCertificateValidationCallback = (_, shown, chain, _) =>
                    {
                        if (!chains.TryVerify(shown as X509Certificate2, chain, trust.Roots, out var id, out why)) return false;
                        why = terms.WhyNot(id);
                        return why.Length == 0;
                    },
                },
                either.Token);
            Handshakes.CountMade();
            return stream;
        }
        catch (OperationCanceledException e)
        {
            await stream.DisposeAsync();
            if (cancellation.IsCancellationRequested) throw;
            Handshakes.CountFailed();
            throw new ConnectFailedException(endPoint, "TLS: handshake timeout", e);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or CryptographicException or ObjectDisposedException)
        {
            await stream.DisposeAsync();
            Handshakes.CountFailed();
            throw new ConnectFailedException(endPoint, $"TLS: {(why.Length > 0 ? why : MutualTlsTerms.Reason(e))}", e);
        }
    }
}
