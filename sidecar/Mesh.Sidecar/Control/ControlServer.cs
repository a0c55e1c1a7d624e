using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Mesh.Sidecar.Control;

// What the sidecar says about itself. What enters: read-only requests (the log level is the one thing that can be set, from
// inside the pod). What leaves: readiness, report, metrics, config and endpoints as they are. What never happens here:
// anything that changes how traffic goes.

/// <summary>The three control ports: 15000 on loopback, 15020 and 15021 for the node and the operator.</summary>
public sealed class ControlServer : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private readonly KestrelServer server;
    private readonly AdminPages admin;
    private readonly StatusPages status;
    private readonly Readiness readiness;

    public ControlServer(
        SidecarOptions ports, AdminPages admin, StatusPages status, Readiness readiness, IServiceProvider services, ILoggerFactory loggers)
    {
        (this.admin, this.status, this.readiness) = (admin, status, readiness);
        var options = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        options.Listen(IPAddress.Loopback, ports.AdminPort, listen => Serve(listen, Page.Admin));
        options.ListenAnyIP(ports.StatusPort, listen => Serve(listen, Page.Status));
        options.ListenAnyIP(ports.ReadinessPort, listen => Serve(listen, Page.Readiness));
        server = new KestrelServer(
            Options.Create(options), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
    }

    private enum Page
    {
        Admin,
        Status,
        Readiness,
    }

    /// <summary>Addresses listened on, in the order admin, status, readiness.</summary>
    public IReadOnlyList<Uri> Addresses => [.. server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(a => new Uri(a))];

    public Task StartAsync(CancellationToken cancellation) => server.StartAsync(this, cancellation);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await server.StopAsync(now.Token);
        server.Dispose();
    }

    HttpContext IHttpApplication<HttpContext>.CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    void IHttpApplication<HttpContext>.DisposeContext(HttpContext context, Exception? exception)
    {
    }

    Task IHttpApplication<HttpContext>.ProcessRequestAsync(HttpContext context) => context.Features.GetRequiredFeature<PageFeature>().Page switch
    {
        Page.Admin => admin.ServeAsync(context),
        Page.Status => status.ServeAsync(context),
        _ => readiness.ServeAsync(context),
    };

    private static void Serve(ListenOptions listen, Page page)
    {
        var feature = new PageFeature(page);
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection =>
        {
            connection.Features.Set(feature);
            return next(connection);
        });
    }

    private sealed record PageFeature(Page Page);
}
