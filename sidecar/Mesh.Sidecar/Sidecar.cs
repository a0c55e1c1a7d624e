using System.Globalization;
using Mesh.Config;
using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Control;
using Mesh.Sidecar.DnsProxy;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Health;
using Mesh.Sidecar.Http;
using Mesh.Sidecar.Identity;
using Mesh.Sidecar.Probes;
using Mesh.Sidecar.Scraping;
using Mesh.Sidecar.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;
using Serilog.Core;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Sidecar;

/// <summary>
/// The whole proxy, put together by hand: what is made here lives as long as the process. Start order: control ports, trust,
/// certificate and config, and only with a certificate and a first valid config the captured ports. Stop order: <see cref="DrainAsync"/>, then disposal.
/// </summary>
public sealed class Sidecar : IAsyncDisposable
{
    // After the last connection ended, wait this long for peers that have not heard of the end yet.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    private readonly SidecarOptions options;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stopping = new();
    private readonly ServiceProvider services;
    private readonly LiveStates states;
    private readonly DnsPools dns;
    private readonly ConfigFile configFile;
    private readonly KeptConfig keptConfig;
    private readonly HealthChecks healthChecks;
    private readonly ControlPlane controlPlane;
    private readonly AccessLog accessLog;
    private readonly ControlServer control;
    private readonly Readiness readiness;
    private readonly AppMetrics appMetrics;
    private readonly KestrelServer lanesServer;
    private readonly LaneApplication application;
    private readonly CapturedPorts ports;
    private readonly DnsServer dnsServer;
    private readonly AcceptLoop outbound;
    private readonly AcceptLoop inbound;
    private readonly OwnListeners ownListeners;
    private Task configLoops = Task.CompletedTask;
    private bool started;

    public Sidecar(SidecarOptions options, ILoggerFactory loggers, LoggingLevelSwitch level, TimeProvider time, Random random)
    {
        this.options = options;
        this.time = time;
        log = loggers.CreateLogger("Mesh.Sidecar");
        services = new ServiceCollection().AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>)).AddHttpForwarder().BuildServiceProvider();

        // Config: from the mounted file, from pushes and from before a restart into the state, which everybody reads.
        var version = typeof(Sidecar).Assembly.GetName().Version?.ToString(3) ?? "";
        State = new ProxyState(new ProxyReport
        {
            Sequence = 1,
            Instance = random.NextInt64().ToString("x16", CultureInfo.InvariantCulture),
            PodUid = options.PodUid,
            Version = version,
        });
        states = new LiveStates(time);
        var transport = new TransportSwitch(time);
        dns = new DnsPools(options.LookUp, options.LeadsBack, time, loggers.CreateLogger<DnsPools>());
        var credentials = new Credentials(options.CredentialsDirectory);
        State.Swapped += credentials.OnSwapped;
        Loader = new ConfigLoader(State, new SnapshotCompiler(states, dns, transport) { Credentials = credentials }, states, dns, options.PodUid, loggers.CreateLogger<ConfigLoader>());
        configFile = new ConfigFile(options.ConfigDirectory, Loader, time, loggers.CreateLogger<ConfigFile>());
        keptConfig = new KeptConfig(options.DataDirectory, time, loggers.CreateLogger<KeptConfig>());
        controlPlane = new ControlPlane(options, version, Identity, State, Loader, services, loggers, time, random);

        // Telemetry.
        Registry = Metrics.NewCustomRegistry();
        var metrics = new ProxyMetrics(Registry);
        var routeMetrics = new RouteMetrics(Registry);
        accessLog = new AccessLog(log);
        State.Swapped += snapshot =>
        {
            accessLog.Configure(snapshot.Mesh.AccessLogFile, AccessLogLayout.Of(snapshot.Mesh));
            metrics.OnSwapped();
            routeMetrics.OnSwapped(snapshot);
        };
        var mutualTls = new MutualTlsClient(Identity, time);
        var mutualTlsServer = new MutualTlsServer(Identity, time);
        var dnsCounts = new DnsCounts();
        ProcessMetrics.Register(Registry, State, accessLog, Drain, mutualTls.Handshakes, mutualTlsServer.Handshakes, dnsCounts);
        controlPlane.Register(Registry);
        _ = new ClusterMetrics(Registry, State);

        // The request's way.
        var picker = new EndpointPicker(random, time);
        Clients = new UpstreamClients(mutualTls, time);
        State.Swapped += Clients.OnSwapped;
        transport.Switched += Clients.OnSwitched;
        states.HealthChanged += Clients.OnHealthChanged;
        states.HealthChanged += LogEjection;
        healthChecks = new HealthChecks(mutualTls, random, time, loggers.CreateLogger<HealthChecks>());
        State.Swapped += healthChecks.OnSwapped;
        var mirrors = new MirrorSender(picker, Clients, time);
        MirrorMetrics.Register(Registry, mirrors);
        var pipeline = new Pipeline(new PipelineParts
        {
            Recorder = new ExchangeRecorder(accessLog, metrics, routeMetrics, time),
            Picker = picker,
            Forwarder = new Forwarder(services.GetRequiredService<IHttpForwarder>(), Clients, time, loggers.CreateLogger<Forwarder>()),
            Mirrors = mirrors,
            Random = random,
            Time = time,
        });

        // The connection's way.
        var lanes = new Lanes(loggers);
        lanesServer = LaneServer.Create(lanes, Drain, services, loggers);
        application = new LaneApplication(State, pipeline, Drain, time);
        var tcp = new TcpForwarder(picker, mutualTls, accessLog, metrics, Drain, random, time);
        var first = new FirstBytes(Drain, time);
        ClearTextClients = new ClearTextClients(time);
        var modes = new InboundModes(time);
        State.Swapped += modes.OnSwapped;
        var router = new InboundRouter(modes, mutualTlsServer, ClearTextClients, first, lanes, tcp, accessLog, Drain, time);
        ports = new CapturedPorts(State, options.OriginalDestination, first, router, lanes, tcp, Drain, time, log);
        outbound = new AcceptLoop(options.OutboundPort, ports.OutboundAsync, log);
        inbound = new AcceptLoop(options.InboundPort, ports.InboundAsync, log);
        ownListeners = new OwnListeners(State, ports.AddressedAsync, time, log);

        // The pod's name server.
        var nameServers = new NameServers(options.Resolver.Servers, time);
        dnsServer = new DnsServer(
            options.DnsPort, new NameResolver(() => State.Current?.Names, options.Resolver, nameServers, dnsCounts), time, loggers.CreateLogger("Mesh.Sidecar.Dns"));

        // What it says about itself.
        readiness = new Readiness(State, Drain, options, () => controlPlane.WaitsFor);
        var probes = new ProbePages(options.AppProbes, options.PodAddress, time, loggers.CreateLogger<ProbePages>());
        appMetrics = new AppMetrics(options.AppMetrics, options.PodAddress, Registry, time, loggers.CreateLogger<AppMetrics>());
        var status = new StatusPages(State, Registry, appMetrics, probes, time);
        control = new ControlServer(options, new AdminPages(State, Identity, status, nameServers, dnsCounts, level), status, readiness, services, loggers);
    }

    /// <summary>The config in force.</summary>
    public ProxyState State { get; }

    /// <summary>Who this proxy is and whom it trusts; every handshake reads it.</summary>
    public IdentityState Identity { get; } = new();

    /// <summary>Who still reaches the application without mutual TLS.</summary>
    public ClearTextClients ClearTextClients { get; }

    /// <summary>Connections open, and whether they are being drained.</summary>
    public DrainGate Drain { get; } = new();

    /// <summary>Where captured outbound connections are accepted, once they are.</summary>
    public int OutboundPort => outbound.Port;

    /// <summary>Where DNS queries are answered, once started.</summary>
    public int DnsPort => dnsServer.Port;

    /// <summary>Where captured inbound connections are accepted, once they are.</summary>
    public int InboundPort => inbound.Port;

    /// <summary>Addresses of the control ports: admin, status, readiness.</summary>
    public IReadOnlyList<Uri> ControlAddresses => control.Addresses;

    /// <summary>Where the operator may call; 0 before there is trust.</summary>
    public int ControlPort => controlPlane.Port;

    internal ConfigLoader Loader { get; }

    internal CollectorRegistry Registry { get; }

    internal UpstreamClients Clients { get; }

    // Health checks log for themselves.
    private void LogEjection(EndpointState member)
    {
        if (member.Health.Ejection is { } ejection) log.LogInformation("{Member} of {Cluster} is ejected for {Time}: it {Reason}", member.Address, member.Cluster, ejection.Until - ejection.Since, ejection.Reason);
    }

    /// <summary>Opens the control ports and begins to look for trust, certificate and config.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await control.StartAsync(cancellation);
        await lanesServer.StartAsync(application, cancellation);
        keptConfig.LoadInto(Loader);
        // With what was known before a restart at hand; without any config every name is still passed on.
        dnsServer.Start();
        controlPlane.Start();
        configLoops = Task.WhenAll(
            configFile.RunAsync(stopping.Token),
            keptConfig.RunAsync(stopping.Token),
            new ClearTextReports(ClearTextClients, State, time).RunAsync(stopping.Token),
            new MemberReports(State, states, time).RunAsync(stopping.Token));
    }

    /// <summary>Waits for a certificate and a first valid config, then opens the captured ports.</summary>
    public async Task AcceptAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(State.First, Identity.Ready).WaitAsync(cancellation);
        outbound.Start();
        inbound.Start();
        ports.Guard(outbound.Port);
        ports.Guard(inbound.Port);
        await ownListeners.StartAsync();
        started = true;
        readiness.Accepting();
        log.LogInformation("Ready: outbound {Outbound}, inbound {Inbound}", outbound.Port, inbound.Port);
    }

    /// <summary>
    /// Ends politely: not ready any more, every connection asked to end after what it is doing, new ones still served, until
    /// none is left or the drain duration is over. Where the pod asks for it, only when none is left, and not before a while.
    /// </summary>
    public async Task DrainAsync()
    {
        if (State.Current is not { } snapshot) return;
        var most = options.ExitsOnZeroConnections ? Timeout.InfiniteTimeSpan : options.DrainDuration ?? snapshot.Mesh.DrainDuration;
        using var limit = new CancellationTokenSource(most, time);
        log.LogInformation("Draining: {Open} connections are open", Drain.Open);
        Drain.Begin();
        try
        {
            if (options.ExitsOnZeroConnections) await Task.Delay(options.MinimumDrainDuration, time, limit.Token);
            while (true)
            {
                await Drain.EmptyAsync(limit.Token);
                var before = Drain.Entered;
                await Task.Delay(Quiet, time, limit.Token);
                if (Drain.Open == 0 && Drain.Entered == before) break;
            }
        }
        catch (OperationCanceledException)
        {
            log.LogWarning("The drain duration of {Duration} is over; {Open} connections are cut", most, Drain.Open);
        }

        // What waits in the backlog is served as well; then the door is shut.
        if (started) await Task.WhenAll(outbound.StopAsync(), inbound.StopAsync(), ownListeners.StopAsync());
        if (limit.IsCancellationRequested) return;
        try
        {
            await Drain.EmptyAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The last ones are cut.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await configLoops;
        await controlPlane.DisposeAsync();
        await healthChecks.DisposeAsync();
        Drain.Expire();
        if (started) await Task.WhenAll(outbound.StopAsync(), inbound.StopAsync(), ownListeners.StopAsync());
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await lanesServer.StopAsync(now.Token);
        lanesServer.Dispose();
        await dnsServer.DisposeAsync();
        await control.DisposeAsync();
        appMetrics.Dispose();
        await accessLog.DisposeAsync();
        configFile.Dispose();
        dns.Dispose();
        await services.DisposeAsync();
        stopping.Dispose();
    }
}
