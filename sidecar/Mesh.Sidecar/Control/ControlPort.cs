using System.IO.Pipelines;
using Mesh.Config;
using Mesh.Sidecar.Identity;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Mesh.Sidecar.Control;

/// <summary>
/// 15012: mutual TLS or nothing. Who does not prove in the handshake that it is the operator gets no further; who does may open
/// one stream, for the session or for issuing, as it named in the handshake.
/// </summary>
internal sealed class ControlPort : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private readonly KestrelServer server;
    private readonly IdentityState identity;
    private readonly CertificateKeeper keeper;
    private readonly SessionParts parts;
    private readonly IssuingExchange issuing;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stopping = new();
    private bool started;

    public ControlPort(
        int port, IdentityState identity, CertificateKeeper keeper, SessionParts parts, IssuingExchange issuing, IServiceProvider services, ILoggerFactory loggers)
    {
        (this.identity, this.keeper, this.parts, this.issuing, time) = (identity, keeper, parts, issuing, parts.Time);
        log = loggers.CreateLogger<ControlPort>();
        var options = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = 256;
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null; // a session is silent for hours
        options.Limits.MinResponseDataRate = null;
        options.Limits.Http2.MaxStreamsPerConnection = 1;
        options.Limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
        options.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
        options.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        options.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        options.AllowAlternateSchemes = true; // Kestrel does not see the TLS beneath
        var handshake = new ControlHandshake(identity, keeper, time, log);
        options.ListenAnyIP(port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(next => connection => handshake.RunAsync(connection, next));
        });
        server = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
    }

    /// <summary>Where it listens, once it does; 0 before.</summary>
    public int Port => started ? new Uri(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()).Port : 0;

    /// <summary>Opens the port as soon as there is a trust to hold callers against.</summary>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        var news = new Doorbell();
        identity.Changed += news.Ring;
        try
        {
            while (identity.Trust is null) await news.WaitAsync(cancellation).ConfigureAwait(false);
            await server.StartAsync(this, cancellation).ConfigureAwait(false);
            started = true;
        }
        catch (OperationCanceledException)
        {
            // Told to stop before there was trust.
        }
        catch (IOException taken)
        {
            log.LogError("The operator cannot call: {Error}. The sidecar calls it instead", taken.Message);
        }
        finally
        {
            identity.Changed -= news.Ring;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        if (started)
        {
            using var now = new CancellationTokenSource();
            await now.CancelAsync().ConfigureAwait(false);
            await server.StopAsync(now.Token).ConfigureAwait(false);
        }

        server.Dispose();
        stopping.Dispose();
    }

    HttpContext IHttpApplication<HttpContext>.CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    void IHttpApplication<HttpContext>.DisposeContext(HttpContext context, Exception? exception)
    {
    }

    async Task IHttpApplication<HttpContext>.ProcessRequestAsync(HttpContext context)
    {
        // One stream a connection: what follows it is another connection's.
        context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, context.RequestAborted);
        var (name, order) = context.Features.GetRequiredFeature<ControlName>();
        switch (context.Request.Path.Value)
        {
            case WellKnown.SessionPath when name == WellKnown.SessionName && HttpMethods.IsPost(context.Request.Method):
                await new ControlSession(await StreamAsync(context), ControlSession.Operator, null, parts).RunAsync(either.Token);
                break;
            case WellKnown.IssuePath when order is not null && HttpMethods.IsPost(context.Request.Method):
                var why = await issuing.RunAsync(await StreamAsync(context), order, either.Token);
                if (why.Length > 0 && !order.Done.IsCompleted) keeper.Fail(why);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    private static async Task<ControlStream> StreamAsync(HttpContext context)
    {
        await context.Response.StartAsync();
        await context.Response.BodyWriter.FlushAsync();
        return new ControlStream(_ => new ValueTask<PipeReader>(context.Request.BodyReader), context.Response.BodyWriter);
    }
}
