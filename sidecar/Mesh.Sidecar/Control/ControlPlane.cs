using Mesh.Sidecar.Config;
using Mesh.Sidecar.Identity;
using Prometheus;

namespace Mesh.Sidecar.Control;

/// <summary>
/// Everything between this sidecar and the operator, put together: trust by mount, the certificate, port 15012 and the calls
/// the other way. Lives as long as the process.
/// </summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly IdentityState identity;
    private readonly TrustFile trust;
    private readonly CertificateKeeper keeper;
    private readonly Sessions sessions;
    private readonly OperatorLink link;
    private readonly ControlPort port;
    private readonly SidecarOptions options;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stopping = new();
    private Task loops = Task.CompletedTask;

    public ControlPlane(
        SidecarOptions options, string version, IdentityState identity, ProxyState state, ConfigLoader loader,
        IServiceProvider services, ILoggerFactory loggers, TimeProvider time, Random random)
    {
        (this.options, this.identity, this.time, log) = (options, identity, time, loggers.CreateLogger<ControlPlane>());
        var pod = new PodIdentity(options.PodUid, options.Namespace, options.PodName, options.ServiceAccount, version);
        trust = new TrustFile(options.TrustDirectory, identity, time, loggers.CreateLogger<TrustFile>());
        var kept = new KeptIdentity(options.DataDirectory, options.HoldsKeys, loggers.CreateLogger<KeptIdentity>());
        keeper = new CertificateKeeper(identity, kept, pod, time, random, loggers.CreateLogger<CertificateKeeper>());
        _ = new IdentityReports(identity, keeper, trust, state);
        var epoch = new LeaseEpoch(options.DataDirectory, loggers.CreateLogger<LeaseEpoch>());
        sessions = new Sessions(state, epoch, time, loggers.CreateLogger<Sessions>());
        var parts = new SessionParts { Pod = pod, Sessions = sessions, Epoch = epoch, State = state, Loader = loader, Time = time };
        var token = new PodToken(options.TokenFile);
        var issuing = new IssuingExchange(keeper, pod, token, epoch, time);
        link = new OperatorLink(identity, parts, issuing, token, time, random, loggers.CreateLogger<OperatorLink>());
        port = new ControlPort(options.ControlPort, identity, keeper, parts, issuing, services, loggers);
    }

    /// <summary>Where the operator may call; 0 before there is trust.</summary>
    public int Port => port.Port;

    /// <summary>What an identity is waited for; <c>null</c> when there is one.</summary>
    public string? WaitsFor
    {
        get
        {
            if (identity.Ready.IsCompleted) return null;
            if (identity.Trust is null)
                return $"Waiting for the mesh's roots (ConfigMap mesh-root of the namespace, mounted): {(trust.Failure.Length > 0 ? trust.Failure : options.TrustDirectory + " was not read yet")}.";
            return keeper.Failure.Length > 0 ? $"Waiting for a certificate: {keeper.Failure}." : $"Waiting for a certificate: the operator is to call on port {options.ControlPort}.";
        }
    }

    /// <summary>Adds the gauges of identity and session.</summary>
    public void Register(CollectorRegistry registry)
    {
        var metrics = Metrics.WithCustomRegistry(registry);
        var expiry = metrics.CreateGauge("mesh_certificate_expiration_timestamp_seconds", "When the certificate in force ends, in seconds since 1970; 0 while there is none.");
        var left = metrics.CreateGauge("mesh_certificate_remaining_days", "Days until the certificate in force ends; negative once it has.");
        var failures = metrics.CreateCounter("mesh_certificate_failures_total", "Attempts to get a certificate that failed.");
        var connected = metrics.CreateGauge("mesh_control_session_connected", "1 while there is a control session with the operator.");
        registry.AddBeforeCollectCallback(() =>
        {
            var until = identity.Current is { } current ? new DateTimeOffset(current.Certificate.NotAfter) : (DateTimeOffset?)null;
            expiry.Set(until?.ToUnixTimeSeconds() ?? 0);
            left.Set(until is null ? 0 : (until.Value - time.GetUtcNow()).TotalDays);
            failures.IncTo(keeper.Failures);
            connected.Set(sessions.Current is null ? 0 : 1);
        });
    }

    /// <summary>Begins to look for trust, certificate and operator.</summary>
    public void Start() => loops = Task.WhenAll(
        trust.RunAsync(stopping.Token),
        port.OpenAsync(stopping.Token),
        KeepAsync("The certificate", token => keeper.RunAsync(link.ObtainAsync, token)),
        KeepAsync("The session", link.KeepSessionAsync));

    private async Task KeepAsync(string what, Func<CancellationToken, Task> loop)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await loop(stopping.Token).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                // These loops handle what they know; whatever else one meets, it begins anew: without it the pod would run into its certificate's end.
                log.LogError(failure, "{What} could not be kept up; trying again in {Pause}", what, Pause);
                await Task.Delay(Pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await loops.ConfigureAwait(false);
        await port.DisposeAsync().ConfigureAwait(false);
        trust.Dispose();
        stopping.Dispose();
    }
}
