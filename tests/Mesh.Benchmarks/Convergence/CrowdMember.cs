using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Control;
using Mesh.Sidecar.Health;
using Mesh.Sidecar.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Benchmarks.Convergence;

/// <summary>
/// A sidecar without traffic: the product's own classes for identity, session and config, put together as the sidecar does,
/// but for its listeners (see <see cref="CrowdPort"/>) and for what would keep files. What it does with a config is its kind's.
/// </summary>
internal abstract class CrowdMember : IAsyncDisposable
{
    private readonly DnsPools _dns;
    private Task _running = Task.CompletedTask;

    protected CrowdMember(PodIdentity pod, TrustBundle trust, string tokenFile, TimeProvider time, Random random)
    {
        Pod = pod;
        Identity.Put(trust);
        State = new ProxyState(new ProxyReport { Sequence = 1, Instance = pod.Uid, PodUid = pod.Uid, Version = pod.Version });
        var states = new LiveStates();
        _dns = DnsPools.OfSystem(time, NullLogger<DnsPools>.Instance);
        var loader = new ConfigLoader(State, new SnapshotCompiler(states, _dns), states, _dns, pod.Uid, NullLogger<ConfigLoader>.Instance);
        // No directory: nothing of a thousand sidecars is kept.
        var nowhere = Path.Combine(Path.GetTempPath(), "mesh-bench-nowhere");
        var kept = new KeptIdentity(nowhere, _ => false, NullLogger<KeptIdentity>.Instance);
        Keeper = new CertificateKeeper(Identity, kept, pod, time, random, NullLogger<CertificateKeeper>.Instance);
        var epoch = new LeaseEpoch(nowhere, NullLogger<LeaseEpoch>.Instance);
        Parts = new SessionParts
        {
            Pod = pod,
            Sessions = new Sessions(State, epoch, time, NullLogger<Sessions>.Instance),
            Epoch = epoch,
            State = State,
            Loader = loader,
            Time = time,
        };
        var token = new PodToken(tokenFile);
        Issuing = new IssuingExchange(Keeper, pod, token, epoch, time);
        Link = new OperatorLink(Identity, Parts, Issuing, token, time, random, NullLogger.Instance);
    }

    public PodIdentity Pod { get; }

    public IdentityState Identity { get; } = new();

    public CertificateKeeper Keeper { get; }

    public IssuingExchange Issuing { get; }

    /// <summary>It has a certificate, a session and a config.</summary>
    public abstract bool IsReady { get; }

    protected ProxyState State { get; }

    protected SessionParts Parts { get; }

    protected OperatorLink Link { get; }

    protected CancellationTokenSource Stopping { get; } = new();

    public void Start() => _running = RunAsync();

    /// <summary>A session that the operator opened.</summary>
    public abstract Task ServeAsync(ControlStream stream, CancellationToken cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Stopping.CancelAsync();
        await _running;
        _dns.Dispose();
        Stopping.Dispose();
    }

    /// <summary>Certificate and session, until it is told to stop.</summary>
    protected abstract Task RunAsync();
}

/// <summary>One that says what it took.</summary>
/// <typeparam name="TTaken">What a config is to it.</typeparam>
internal abstract class CrowdMember<TTaken>(PodIdentity pod, TrustBundle trust, string tokenFile, TimeProvider time, Random random) : CrowdMember(pod, trust, tokenFile, time, random)
{
    /// <summary>Raised with each config in force.</summary>
    public event Action<TTaken>? Took;

    protected void Tell(TTaken taken) => Took?.Invoke(taken);
}
