using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;
using Mesh.Config.Identity;
using Mesh.Sidecar.Identity;
using Microsoft.AspNetCore.Connections;

namespace Mesh.Sidecar.Control;

/// <summary>
/// The handshake on 15012. The caller must prove to be the operator; what is shown to it depends on the name it asks for: the
/// certificate in force for the session, a self-signed one over the new key for issuing.
/// </summary>
internal sealed class ControlHandshake(IdentityState identity, CertificateKeeper keeper, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);

    private long toldAt;

    /// <summary>Hands on a connection whose caller is the operator; ends every other.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var plain = connection.Transport;
        await using var tls = new SslStream(new DuplexPipeStream(plain));
        using var limit = new CancellationTokenSource(Within, time);
        CertificateOrder? order = null;
        try
        {
            await tls.AuthenticateAsServerAsync((_, hello, _, _) => new(Answer(hello.ServerName, connection, out order)), null, limit.Token).ConfigureAwait(false);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException or OperationCanceledException)
        {
            log.LogDebug("A handshake on the control port with {Peer} failed: {Error}", connection.RemoteEndPoint, refused.Message);
            return;
        }

        if (tls.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2) return;
        connection.Features.Set(new ControlName(tls.TargetHostName, order));
        connection.Transport = new Duplex(PipeReader.Create(tls, new StreamPipeReaderOptions(leaveOpen: true)), PipeWriter.Create(tls, new StreamPipeWriterOptions(leaveOpen: true)));
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            await connection.Transport.Input.CompleteAsync().ConfigureAwait(false);
            await connection.Transport.Output.CompleteAsync().ConfigureAwait(false);
            connection.Transport = plain;
        }
    }

    private SslServerAuthenticationOptions Answer(string name, ConnectionContext connection, out CertificateOrder? order)
    {
        order = name == WellKnown.IssueName ? keeper.Pending : null;
        var shown = order?.Context ?? (name == WellKnown.SessionName ? identity.Current?.Context : null);
        var trust = identity.Trust!;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = shown ?? throw new AuthenticationException($"there is no certificate to be shown for '{name}' now"),
            ClientCertificateRequired = true,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
            AllowTlsResume = false, // each caller proves itself anew
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) => IsOperator(certificate as X509Certificate2, chain, trust, connection),
        };
    }

    private bool IsOperator(X509Certificate2? shown, X509Chain? chain, TrustBundle trust, ConnectionContext connection)
    {
        var verified = SpiffeCertificates.TryVerify(shown, chain?.ChainPolicy.ExtraStore ?? [], trust.Roots, time.GetUtcNow(), out var id, out var why);
        if (verified && id == trust.Operator) return true;
        Tell(connection, verified ? $"it is {id}" : why);
        return false;
    }

    // Who keeps knocking may not fill the log.
    private void Tell(ConnectionContext connection, string why)
    {
        var now = time.GetTimestamp();
        var last = Interlocked.Read(ref toldAt);
        var tell = last == 0 || time.GetElapsedTime(last, now) > TellEvery;
        if (tell) Interlocked.Exchange(ref toldAt, now);
        log.Log(tell ? LogLevel.Warning : LogLevel.Debug, "A caller on the control port from {Peer} is not the operator: {Reason}", connection.RemoteEndPoint, why);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
