using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Control;
using Mesh.Sidecar.Health;
using Mesh.Sidecar.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Benchmarks.Convergence;

/// <summary>
/// A sidecar without traffic: the product's own classes for identity, session and config, put together as the sidecar does,
/// but for its listeners (see <see cref="CrowdPort"/>) and for what would keep files.
/// </summary>
internal sealed class SimulatedSidecar : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly OperatorLink _link;
    private readonly PodIdentity _pod;
    private readonly DnsPools _dns;
    private Task _running = Task.CompletedTask;

    public SimulatedSidecar(PodIdentity pod, TrustBundle trust, string tokenFile, TimeProvider time, Random random)
    {
        _pod = pod;
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
        _link = new OperatorLink(Identity, Parts, Issuing, token, time, random, NullLogger.Instance);
    }

    public IdentityState Identity { get; } = new();

    public ProxyState State { get; }

    public CertificateKeeper Keeper { get; }

    public SessionParts Parts { get; }

    public IssuingExchange Issuing { get; }

    public bool IsReady => Identity.Current is not null && State.Current is not null && Parts.Sessions.Current is not null;

    public void Start() => _running = Task.WhenAll(Keeper.RunAsync(_link.ObtainAsync, _stopping.Token), _link.KeepSessionAsync(_stopping.Token));

    public override string ToString() =>
        $"{_pod.Namespace}/{_pod.Name}: certificate {(Identity.Current is null ? $"none ({Keeper.Failure})" : "yes")}, session {(Parts.Sessions.Current is null ? $"none ({State.Report.Session?.Failure})" : "yes")}, config {State.Current?.Config.Manifest.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}{(State.Report.Refused is { } refused ? $", refused {refused.Problems[0].Message}" : "")}";

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _dns.Dispose();
        _stopping.Dispose();
    }
}
