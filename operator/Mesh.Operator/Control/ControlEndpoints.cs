using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;
using Mesh.Config.Control;
using Mesh.Config.Identity;
using Mesh.Operator.Identity;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Mesh.Operator.Control;

/// <summary>
/// Sidecars that the operator cannot reach call here. A session wants the certificate of the pod and its token; an issuing
/// exchange a self-signed certificate over the key to be certified, and the token. Sessions are the leader's alone; every replica issues, since each
/// knows the pods and reads the roots.
/// </summary>
public sealed class ControlEndpoints(
    CertificateAuthority authority, CertificateIssuing issuing, SessionOpening opening, LeaderGate gate, TimeProvider time, ILogger<ControlEndpoints> log)
{
    public static void Listen(KestrelServerOptions kestrel, int port) => kestrel.ListenAnyIP(port, listen =>
    {
        listen.Protocols = HttpProtocols.Http2;
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = context => ValueTask.FromResult(kestrel.ApplicationServices.GetRequiredService<ControlEndpoints>().Handshake(context)),
        });
    });

    public void Map(IApplicationBuilder app) => app.Run(AnswerAsync);

    private SslServerAuthenticationOptions Handshake(TlsHandshakeCallbackContext context)
    {
        if (authority.Current is not { } trust) throw new AuthenticationException("the operator has no certificate yet");
        var issue = context.ClientHelloInfo.ServerName == WellKnown.IssueName;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = trust.OwnContext,
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            AllowTlsResume = false,
            // Whose it has to be is judged once the pod is known; that it is one of ours, here already.
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                certificate is X509Certificate2 shown && (issue || IsOurs(shown, chain, trust, context.Connection)),
        };
    }

    private bool IsOurs(X509Certificate2 shown, X509Chain? chain, Trust trust, BaseConnectionContext connection)
    {
        var good = SpiffeCertificates.TryVerify(shown, chain?.ChainPolicy.ExtraStore ?? [], trust.Roots, time.GetUtcNow(), out var id, out var why);
        if (good) connection.Features.Set(id);
        else log.LogInformation("A caller on the control port from {Address} is not of the mesh: {Why}", connection.RemoteEndPoint, why);
        return good;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var issue = context.Request.Path == WellKnown.IssuePath;
        if (context.Request.Method != HttpMethods.Post || !(issue || context.Request.Path == WellKnown.SessionPath))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        // A session lives for days and sends little.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        await context.Response.StartAsync(context.RequestAborted);
        // The caller waits for the head of the answer before it says a word.
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        using var stream = new ControlStream(context.Request.Body, context.Response.Body);
        try
        {
            await SpeakAsync(context, stream, issue);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Text.Json.JsonException or ConnectionAbortedException)
        {
            log.LogDebug("The sidecar at {Address} left: {Why}", context.Connection.RemoteIpAddress, e.Message);
        }
    }

    private async Task SpeakAsync(HttpContext context, ControlStream stream, bool issue)
    {
        var certificate = context.Connection.ClientCertificate;
        if (await opening.HelloAsync(stream, context.RequestAborted) is not { } hello || certificate is null) return;
        if (issue)
        {
            await opening.IssueAsync(stream, hello, certificate.PublicKey.ExportSubjectPublicKeyInfo(), context.RequestAborted);
            return;
        }

        if (!gate.IsLeading)
        {
            await opening.RefuseAsync(stream, "not the leader", context.RequestAborted);
            return;
        }

        var term = await gate.WaitAsync(context.RequestAborted);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(term, context.RequestAborted);
        if (await WhyNotAsync(hello, context.Features.Get<SpiffeId>(), either.Token) is { } why)
        {
            log.LogWarning("A session of {Namespace}/{Pod} from {Address} is refused: {Why}", hello.Namespace, hello.Pod, context.Connection.RemoteIpAddress, why);
            await opening.RefuseAsync(stream, why, either.Token);
            return;
        }

        // A sidecar that called opens its issuing exchanges itself.
        await opening.RunAsync(stream, hello, new EntityKey(hello.Namespace, hello.Pod), "sidecar", null, either.Token);
    }

    /// <summary>Null when the caller is the pod it says it is, by token and by certificate.</summary>
    private async Task<string?> WhyNotAsync(SidecarHello hello, SpiffeId? shown, CancellationToken cancellationToken)
    {
        if (shown is null) return $"a session needs a certificate of the mesh, shown under the name {WellKnown.SessionName}";
        try
        {
            var verdict = await issuing.IdentifyAsync(hello, cancellationToken);
            if (verdict.Id is null) return $"{verdict.Refusal}: {verdict.Message}";
            return verdict.Id == shown ? null : $"the certificate is that of {shown}, the token that of {verdict.Id}";
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or TimeoutException)
        {
            return $"the API server could not be asked about the token: {e.Message}";
        }
    }
}
