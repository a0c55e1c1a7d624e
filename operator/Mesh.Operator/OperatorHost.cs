using k8s;
using k8s.Models;
using Mesh.Api.Health;
using Mesh.Api.Networking;
using Mesh.Api.Security;
using Mesh.Operator.Control;
using Mesh.Operator.Controllers;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Credentials;
using Mesh.Operator.Health;
using Mesh.Operator.Identity;
using Mesh.Operator.Reports;
using Mesh.Operator.Sinks;
using Mesh.Operator.Webhooks;
using Prometheus;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace Mesh.Operator;

/// <summary>Composition root: reads top to bottom.</summary>
public static class OperatorHost
{
    private const int Failure = 1;
    private const int UsageError = 2;

    public static async Task<int> RunAsync(OperatorOptions options, CancellationToken cancellationToken)
    {
        if (!Enum.TryParse<LogEventLevel>(options.LogLevel, ignoreCase: true, out var level))
        {
            await Console.Error.WriteLineAsync($"--log-level \"{options.LogLevel}\" is none of {string.Join(", ", Enum.GetNames<LogEventLevel>()).ToLowerInvariant()}.");
            return UsageError;
        }

        KubernetesClientConfiguration connection;
        try
        {
            connection = Connect(options);
        }
        catch (Exception e) when (e is k8s.Exceptions.KubeConfigException or IOException or InvalidOperationException or YamlDotNet.Core.YamlException or FormatException)
        {
            await Console.Error.WriteLineAsync($"No connection to an API server: {e.Message} Give --kubeconfig, or run in a pod with a service account.");
            return UsageError;
        }

        await using var app = Build(options, () => connection, level);
        var log = app.Services.GetRequiredService<ILogger<OperatorOptions>>();
        log.LogInformation("Operator {Identity} in namespace {Namespace}, API server {Server}", options.Identity, options.Namespace, connection.Host);
        try
        {
            var rollback = app.Services.GetRequiredService<StoreRollback>();
            var loops = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
            await app.RunAsync(cancellationToken);
            // A loop that failed altogether, or a store that was put back, has ended the process, to begin anew.
            return rollback.HasHappened || loops.Any(loop => loop.ExecuteTask?.IsFaulted == true) ? Failure : 0;
        }
        catch (IOException e)
        {
            log.LogCritical("Cannot listen: {Why}", e.Message);
            return Failure;
        }
    }

    /// <summary>The whole operator, not yet started.</summary>
    public static WebApplication Build(OperatorOptions options, Func<KubernetesClientConfiguration> connection, LogEventLevel level)
    {
        MeterBridge.Start();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "Mesh.Operator", ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSerilog(log => Logging(log, options, level), preserveStaticLogger: true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenAnyIP(options.MetricsPort);
            // Sessions last for days and are silent for long: a ping tells whether the other side lives, not a rate of bytes.
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
            kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
            ControlEndpoints.Listen(kestrel, options.ControlPort);
            if (options.Webhooks) kestrel.ListenAnyIP(options.WebhookPort, listen => listen.UseHttps(https => https.ServerCertificateSelector =
                (_, _) => kestrel.ApplicationServices.GetRequiredService<WebhookCertificates>().Serving));
        });
        Register(builder.Services, options, connection);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainDelay + Draining.Rest);

        var app = builder.Build();
        app.MapWhen(context => context.Connection.LocalPort == options.WebhookPort, Webhooks);
        app.MapWhen(context => context.Connection.LocalPort == options.ControlPort, app.Services.GetRequiredService<ControlEndpoints>().Map);
        Metrics(app);
        return app;
    }

    private static void Register(IServiceCollection services, OperatorOptions options, Func<KubernetesClientConfiguration> connection)
    {
        var settings = new OperatorSettings { Name = OperatorOptions.ServiceName, Namespace = options.Namespace, Identity = options.Identity, LeaseDuration = options.LeaseDuration };
        services.AddSingleton(options);
        services.AddSingleton(provider => new Debounce(provider.GetRequiredService<TimeProvider>(), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(500)));
        services.AddSingleton<MeshState>();
        services.AddSingleton<ReportBook>();
        services.AddSingleton<ReportPoller>();
        services.AddSingleton<IdentityWatch>();
        services.AddSingleton<FormatWatch>();
        services.AddSingleton<RevisionBook>();
        services.AddSingleton<RootCensus>();
        services.AddSingleton<CertificateAuthority>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<CertificateIssuing>();
        services.AddSingleton<SessionBook>();
        services.AddSingleton<SessionOpening>();
        services.AddSingleton<SessionDialer>();
        services.AddSingleton<ControlReach>();
        services.AddSingleton<ControlEndpoints>();
        services.AddSingleton<TrustSink>();
        services.AddSingleton<PodBumps>();
        services.AddSingleton<ConfigMapSink>();
        services.AddSingleton<CredentialWatch>();
        services.AddSingleton<CredentialSink>();
        services.AddSingleton<StatusSink>();
        services.AddSingleton<WebhookCertificates>();
        services.AddSingleton<WebhookReach>();
        services.AddSingleton<Stamps>();
        services.AddSingleton<Surroundings>();
        var controllers = services.AddKubernetesOperator(settings, connection)
            .AddController<NamespaceController, V1Namespace>()
            .AddController<DefinitionController, DefinitionMetadata>(new WatchScope { MetadataOnly = true })
            .AddController<NodeController, V1Node>()
            .AddController<ServiceController, V1Service>()
            .AddController<EndpointSliceController, V1EndpointSlice>()
            .AddController<PodController, V1Pod>()
            .AddController<VirtualServiceController, V1VirtualService>()
            .AddController<DestinationRuleController, V1DestinationRule>()
            .AddController<ServiceEntryController, V1ServiceEntry>()
            .AddController<WorkloadEntryController, V1WorkloadEntry>()
            .AddController<SidecarController, V1Sidecar>()
            .AddController<HealthCheckController, V1HealthCheck>()
            .AddController<PeerAuthenticationController, V1PeerAuthentication>()
            .AddController<ProxyConfigController, V1ProxyConfig>()
            .AddController<MeshSettingsController, V1ConfigMap>(new WatchScope { Namespace = Api.MeshNames.SystemNamespace, FieldSelector = $"metadata.name={Api.MeshNames.SettingsConfigMap}" })
            .AddController<TrustMapController, TrustMap>(new WatchScope { FieldSelector = $"metadata.name={Config.WellKnown.TrustConfigMap}" })
            .AddController<NeighbourRootsController, NeighbourRoots>(new WatchScope { Namespace = Api.MeshNames.SystemNamespace, FieldSelector = $"metadata.name={Neighbour.RootsConfigMap}" })
            .AddController<NeighbourSettingsController, NeighbourSettings>(new WatchScope { LabelSelector = Neighbour.SettingsLabel })
            .AddController<RecordController, RecordMetadata>(new WatchScope { LabelSelector = $"{Api.MeshLabels.Record}={Api.MeshLabels.RecordProxyConfig}", MetadataOnly = true });
        KindsNotYet.AddTo(controllers);
        services.AddSingleton<WebhookRegistration>();
        if (options.Webhooks) services.AddHostedService(provider => provider.GetRequiredService<WebhookRegistration>());
        services.AddHostedService(provider => provider.GetRequiredService<CertificateAuthority>());
        services.AddSingleton<MeshLoop>();
        services.AddHostedService(provider => provider.GetRequiredService<MeshLoop>());
        services.AddSingleton<Liveness>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<Draining>();
        services.AddHostedService(provider => provider.GetRequiredService<Draining>());
    }

    private static void Webhooks(IApplicationBuilder app)
    {
        var services = app.ApplicationServices;
        app.UseRouting();
        app.UseEndpoints(routes =>
        {
            routes.MapMutationWebhook(WebhookConfigurations.InjectForNamespace, Injector(services, namespaceAsks: true));
            routes.MapMutationWebhook(WebhookConfigurations.InjectForPod, Injector(services, namespaceAsks: false));
            RuleValidators.Map(routes);
        });
    }

    private static SidecarInjector Injector(IServiceProvider services, bool namespaceAsks) => new(
        services.GetRequiredService<IKubernetesClient>(), services.GetRequiredService<MeshState>(), services.GetRequiredService<Surroundings>(), services.GetRequiredService<Stamps>(),
        services.GetRequiredService<TrustSink>(), services.GetRequiredService<OperatorOptions>(), namespaceAsks, services.GetRequiredService<ILogger<SidecarInjector>>());

    private static void Metrics(WebApplication app)
    {
        app.MapMetrics();
        app.MapGet("/healthz", (Liveness liveness) => Answer(liveness.Problem ?? ""));
        app.MapGet("/readyz", (Readiness readiness) => Answer(string.Join("; ", readiness.Problems)));
    }

    private static IResult Answer(string problem) =>
        problem.Length == 0 ? Results.Text("ok\n") : Results.Text(problem + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);

    private static KubernetesClientConfiguration Connect(OperatorOptions options)
    {
        if (options.Kubeconfig is { } path) return KubernetesClientConfiguration.BuildConfigFromConfigFile(path);
        return KubernetesClientConfiguration.IsInCluster() ? KubernetesClientConfiguration.InClusterConfig() : KubernetesClientConfiguration.BuildConfigFromConfigFile();
    }

    private static void Logging(LoggerConfiguration log, OperatorOptions options, LogEventLevel level)
    {
        log.MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            // Who got a certificate is told however little else is.
            .MinimumLevel.Override(AuditLog.Category, LogEventLevel.Information)
            .Enrich.FromLogContext();
        if (options.LogJson) log.WriteTo.Console(new CompactJsonFormatter());
        else log.WriteTo.Console(outputTemplate: "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffK} {Level:u3} {Message:lj}{NewLine}{Exception}", formatProvider: System.Globalization.CultureInfo.InvariantCulture);
    }
}
