using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>A real HTTP server to be proxied to.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication app;

    private TestApp(WebApplication app) => this.app = app;

    public int Port => new Uri(app.Urls.First()).Port;

    public static Task<TestApp> StartAsync(RequestDelegate handle, HttpProtocols protocols = HttpProtocols.Http1, Socket? listener = null) =>
        StartAsync(_ => { }, app => app.Run(handle), protocols, listener);

    public static async Task<TestApp> StartAsync(Action<IServiceCollection> services, Action<WebApplication> configure, HttpProtocols protocols, Socket? listener = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        services(builder.Services);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            (kestrel.Limits.MaxRequestHeadersTotalSize, kestrel.Limits.MaxRequestHeaderCount) = (256 * 1024, 1000); // more than a sidecar lets through
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MaxRequestHeadersTotalSize = 1024 * 1024;
            if (listener is null) kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocols);
            else kestrel.ListenHandle((ulong)listener.Handle, listen => listen.Protocols = protocols);
        });
        var app = builder.Build();
        configure(app);
        await app.StartAsync();
        return new TestApp(app);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }
}
