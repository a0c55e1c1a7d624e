using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Access;
using Mesh.Local.ApiServer.Admission;
using Mesh.Local.ApiServer.Certificates;
using Mesh.Local.ApiServer.Discovery;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Kinds;
using Mesh.Local.ApiServer.Lifecycle;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Streaming;
using Mesh.Local.ApiServer.Subresources;
using Mesh.Local.ApiServer.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.ApiServer;

/// <summary>
/// A Kubernetes API server inside this process: real HTTPS, real kubectl against it, objects in memory. What enters are
/// requests; what leaves are answers, watches and calls of webhooks. It runs no controllers but those an API server itself
/// stands for (namespace deletion, garbage collection, CustomResourceDefinitions) and shares nothing with another instance.
/// Who may do what, the Roles and bindings stored in it say.
/// </summary>
public sealed class EmbeddedApiServer : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly ServerCertificates certificates;
    private readonly ServiceAccountTokens tokens;
    private readonly WebhookCaller caller;
    private readonly ObjectStore store;
    private readonly CancellationTokenSource stopping;
    private readonly Task controllers;

    private EmbeddedApiServer(
        WebApplication application, ServerCertificates certificates, ServiceAccountTokens tokens, WebhookCaller caller,
        ObjectStore store, CancellationTokenSource stopping, Task controllers)
    {
        this.application = application;
        this.certificates = certificates;
        this.tokens = tokens;
        this.caller = caller;
        this.store = store;
        this.stopping = stopping;
        this.controllers = controllers;
        EndPoints =
        [
            .. application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
                .Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) && IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) ? new IPEndPoint(ip, uri.Port) : null)
                .OfType<IPEndPoint>(),
        ];
    }

    /// <summary>What it listens on (not the handles it was given).</summary>
    public ImmutableArray<IPEndPoint> EndPoints { get; }

    /// <summary>The certificate of the authority that signs for this server, as PEM.</summary>
    public string AuthorityPem => certificates.AuthorityPem;

    public static async Task<EmbeddedApiServer> StartAsync(ApiServerOptions options, CancellationToken cancellation)
    {
        var certificates = ServerCertificates.Open(options.StateDirectory, options.Time);
        var tokens = ServiceAccountTokens.Open(options.StateDirectory);
        var stopping = new CancellationTokenSource();
        var store = new ObjectStore(options.WatchWindow, options.KeepObjectsAt);
        var catalog = new CurrentCatalog();
        var authorizer = new Authorizer(store);
        var kinds = new KindRulesTable(options, store, authorizer);
        var caller = new WebhookCaller(store, options.Dial);
        var admission = new AdmissionChain(store, caller);
        var writes = new ObjectWrites(store, admission, new ObjectPreparation(store, kinds, options.Time), kinds, options.Time);
        var future = new FutureRevisions(store, options.Time);
        var reads = new ReadHandler(store, future, options.Time);
        var writing = new WriteHandler(store, writes, reads);
        var bindings = new BindingSubresource(writes, options.Time);
        var authenticator = new Authenticator(certificates, tokens, store, options.Time);
        var door = new ApiFrontDoor(
            authenticator,
            new Impersonation(authorizer),
            authorizer,
            catalog,
            new ResourceEndpoints(
                reads, new WatchHandler(store, future, options.Time, stopping.Token), writing, new SubresourceHandler(
                    reads, writing, new ScaleSubresource(reads, writes),
                    bindings,
                    new EvictionSubresource(store, reads, writes, options.Time),
                    new TokenSubresource(store, reads, tokens, options.Time),
                    new LogReading(reads, options.Pods, options.Time, stopping.Token),
                    new CommandStreaming(reads, admission, options.Pods, options.Time, stopping.Token),
                    new PortForwarding(reads, admission, options.Pods, stopping.Token)),
                bindings,
                new ReviewHandler(authenticator, authorizer, options.Time),
                options.Answered),
            new PlainEndpoints(tokens),
            new OpenApiDocuments(),
            options.Fault);

        var lifecycle = new LifecycleControllers(store, catalog, writes, kinds, certificates, options);
        await lifecycle.PrepareAsync(cancellation);
        var application = Build(options, certificates, door);
        await application.StartAsync(cancellation);
        var server = new EmbeddedApiServer(application, certificates, tokens, caller, store, stopping, lifecycle.RunAsync(stopping.Token));
        if ((options.Advertise ?? server.EndPoints.FirstOrDefault()) is { } address)
            await lifecycle.AdvertiseAsync(address, cancellation);
        return server;
    }

    /// <summary>Writes a kubeconfig, readable by its owner only, by which a user reaches this server under the given address.</summary>
    public void WriteKubeconfig(string path, Uri server, ApiUser user, string cluster = "mesh", string ns = "default")
    {
        using var certificate = certificates.ForClient(user);
        var credentials = new JsonObject
        {
            ["client-certificate-data"] = Kubeconfig.Encode(certificate.ExportCertificatePem()),
            ["client-key-data"] = Kubeconfig.Encode(certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
        };
        PrivateFile.Write(path, Kubeconfig.Write(cluster, server, certificates.AuthorityPem, credentials, ns));
    }

    /// <summary>
    /// What compaction and a restart are to a cluster's clients: older revisions are gone, and lists and watches that ask for
    /// them are told so (410). For trying how a client recovers.
    /// </summary>
    public void ForgetHistory() => store.ForgetHistory();

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await application.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(5)).Token);
        await application.DisposeAsync();
        await controllers;
        caller.Dispose();
        tokens.Dispose();
        store.Dispose();
        stopping.Dispose();
    }

    private static WebApplication Build(ApiServerOptions options, ServerCertificates certificates, ApiFrontDoor door)
    {
        var names = options.SubjectNames
            .Concat(options.Listen.Where(listen => !listen.Address.Equals(IPAddress.Any)).Select(listen => listen.Address.ToString()))
            .Concat(["localhost", "127.0.0.1", "::1", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]);
        var serving = certificates.Serving(names);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "mesh-apiserver" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Warnings quote what was sent, in whatever letters.
            kestrel.ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.UTF8;
            kestrel.Limits.MaxRequestBodySize = null;
            // A request whose body stops coming is given up; watches, logs and sessions send none.
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, options.RequestTimeout);
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromHours(1);
            // Clients put every watch on one connection.
            kestrel.Limits.Http2.MaxStreamsPerConnection = 10_000;
            foreach (var listen in options.Listen)
                kestrel.Listen(listen, listener => Secure(listener, serving));
            foreach (var handle in options.ListenHandles)
                kestrel.ListenHandle((ulong)handle, listener => Secure(listener, serving));
        });
        var application = builder.Build();
        application.UseWebSockets();
        application.Run(door.HandleAsync);
        return application;
    }

    private static void Secure(ListenOptions listener, X509Certificate2 serving)
    {
        listener.Protocols = HttpProtocols.Http1AndHttp2;
        listener.UseHttps(https =>
        {
            https.ServerCertificate = serving;
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            // Whom it names is asked of our own authority, with the request (Authenticator).
            https.AllowAnyClientCertificate();
        });
    }
}
