using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;
using Mesh.Config.Identity;
using Mesh.Sidecar.Control;
using Mesh.Sidecar.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Mesh.Benchmarks.Convergence;

/// <summary>Port 15012 of all simulated sidecars at once: the address that was dialled says which of them is meant.</summary>
internal sealed class CrowdPort : IAsyncDisposable
{
    private readonly WebApplication _application;

    private CrowdPort(WebApplication application) => _application = application;

    public static async Task<CrowdPort> OpenAsync(Func<IPAddress, CrowdMember?> crowd)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
            kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
            kestrel.Listen(IPAddress.Any, WellKnown.ControlPort, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = context => new(Answer(crowd, context)) });
            });
        });
        var application = builder.Build();
        application.MapPost(WellKnown.SessionPath, async context =>
        {
            var sidecar = context.Features.GetRequiredFeature<Dialled>().Sidecar;
            await sidecar.ServeAsync(await StreamAsync(context), context.RequestAborted);
        });
        application.MapPost(WellKnown.IssuePath, async context =>
        {
            var dialled = context.Features.GetRequiredFeature<Dialled>();
            await dialled.Sidecar.Issuing.RunAsync(await StreamAsync(context), dialled.Order!, context.RequestAborted);
        });
        await application.StartAsync();
        return new CrowdPort(application);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private static async Task<ControlStream> StreamAsync(HttpContext context)
    {
        await context.Response.StartAsync();
        await context.Response.BodyWriter.FlushAsync();
        return new ControlStream(_ => new ValueTask<PipeReader>(context.Request.BodyReader), context.Response.BodyWriter);
    }

    private static SslServerAuthenticationOptions Answer(Func<IPAddress, CrowdMember?> crowd, TlsHandshakeCallbackContext handshake)
    {
        var address = ((IPEndPoint)handshake.Connection.LocalEndPoint!).Address;
        var sidecar = crowd(address) ?? throw new AuthenticationException($"there is no sidecar at {address}");
        var (certificate, order) = handshake.ClientHelloInfo.ServerName switch
        {
            WellKnown.SessionName when sidecar.Identity.Current is { } current => (current.Context, (CertificateOrder?)null),
            WellKnown.IssueName when sidecar.Keeper.Pending is { } pending => (pending.Context, pending),
            var name => throw new AuthenticationException($"no certificate for {name} now"),
        };
        handshake.Connection.Features.Set(new Dialled(sidecar, order));
        var trust = sidecar.Identity.Trust!;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate,
            ClientCertificateRequired = true,
            AllowTlsResume = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, shown, _, _) =>
                SpiffeCertificates.TryVerify(shown as X509Certificate2, trust.Roots, DateTimeOffset.UtcNow, out var id, out var _) && id == trust.Operator,
        };
    }

    private sealed record Dialled(CrowdMember Sidecar, CertificateOrder? Order);
}
