using Mesh.Config.Identity;
using Mesh.Operator.Control;
using Mesh.Operator.Core.Credentials;
using Mesh.Operator.Core.Identity;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Credentials;
using Mesh.Operator.Identity;
using Mesh.Operator.Reports;
using Mesh.Operator.Sinks;
using Mesh.Operator.Webhooks;

namespace Mesh.Operator;

/// <summary>
/// The one loop: changes -> debounce -> snapshot -> plan -> sessions, then sinks -> status. It begins when every kind has been listed once
/// (a plan from half the cluster would take away config that stands). Every replica plans; only the leader lets a plan out.
/// </summary>
public sealed class MeshLoop(
    MeshState state, Debounce changes, IEnumerable<IEntityWatcher> watchers, LeaderGate gate, SessionBook sessions, SessionDialer dialer, ConfigMapSink records,
    CredentialWatch credentials, CredentialSink composed, TrustSink trusts, CertificateAuthority authority, StatusSink statuses, ReportBook reports, ReportPoller poller, IdentityWatch identities, FormatWatch formats,
    Surroundings surroundings, OperatorOptions options, TimeProvider time, ILogger<MeshLoop> log) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private MeshPlan? _plan;
    private MeshSnapshot? _planned;
    private long _plannedAt;
    private long _turnSince;
    private ITimer? _holdsOver;

    /// <summary>Every kind has been listed once.</summary>
    public bool IsSynced { get; private set; }

    /// <summary>The plan made last, by a replica that stands by too.</summary>
    public MeshPlan? Plan => _plan;

    /// <summary>How long the present turn has lasted; null between turns.</summary>
    public TimeSpan? Turning => Interlocked.Read(ref _turnSince) is var since and not 0 ? time.GetElapsedTime(since) : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        await SyncAsync(stoppingToken);
        sessions.Ended += records.SessionEnded;
        while (!stoppingToken.IsCancellationRequested)
        {
            var term = await StandByAsync(stoppingToken);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(term, stoppingToken);
            await Task.WhenAll(LeadAsync(both.Token), records.RunAsync(both.Token), composed.RunAsync(both.Token), trusts.RunAsync(both.Token), statuses.RunAsync(both.Token));
            dialer.Stop();
            sessions.Stop();
            poller.Stop();
            composed.Stop();
            credentials.Stop();
        }
    }

    private async Task SyncAsync(CancellationToken cancellationToken)
    {
        var all = watchers.ToList();
        var synced = Task.WhenAll(all.Select(w => w.Synced));
        while (!synced.IsCompleted)
        {
            try
            {
                await synced.WaitAsync(Patience, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                log.LogInformation("Waiting for the first list of {Kinds}", string.Join(", ", all.Where(w => !w.Synced.IsCompleted).Select(w => w.Kind)));
            }
        }

        IsSynced = true;
        log.LogInformation("Everything has been listed: {Pods} pods, {Services} services, {VirtualServices} VirtualServices", state.Current.Workloads.Count, state.Current.Services.Count, state.Current.VirtualServices.Count);
    }

    /// <summary>
    /// Until it leads, this process makes the plans that the leader makes: so it knows what was in force before it took over
    /// (what is held back stays held back), and its first plan as the leader shares nearly everything with the last.
    /// </summary>
    private async Task<CancellationToken> StandByAsync(CancellationToken stoppingToken)
    {
        var leading = gate.WaitAsync(stoppingToken);
        // The token is asked too: what waits for changes hears of the end first, and may run on before the other has.
        while (!leading.IsCompleted && !stoppingToken.IsCancellationRequested)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var changed = changes.WaitAsync(over.Token);
            if (await Task.WhenAny(changed, leading) == leading)
            {
                await over.CancelAsync();
                await changed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else if (changed.IsCompletedSuccessfully)
            {
                Try(() => Make(state.Current));
            }
        }

        return await leading;
    }

    private async Task LeadAsync(CancellationToken cancellationToken)
    {
        var leadingSince = time.GetUtcNow();
        await credentials.ReadAsync(CredentialNeeds.Of(state.Current.DestinationRules), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        changes.Signal(urgent: true);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await changes.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            Try(() => Turn(leadingSince, cancellationToken));
        }
    }

    private void Try(Action turn)
    {
        Interlocked.Exchange(ref _turnSince, time.GetTimestamp());
        try
        {
            turn();
        }
        catch (Exception e)
        {
            // A plan that fails is a mistake of ours; the records stay as they are and the next change tries again.
            log.LogError(e, "Planning failed; everything stays as it is until the next change");
        }
        finally
        {
            Interlocked.Exchange(ref _turnSince, 0);
        }
    }

    private void Make(MeshSnapshot snapshot)
    {
        if (ReferenceEquals(snapshot, _planned) && !(_plan?.HoldsUntil <= time.GetUtcNow())) return;
        var started = time.GetTimestamp();
        _plan = MeshPlanner.Plan(snapshot, _plan, time.GetUtcNow());
        _planned = snapshot;
        _plannedAt = started;
        OperatorMetrics.Plans.Add(1);
        OperatorMetrics.PlanTime.Record(time.GetElapsedTime(started).TotalSeconds);
        log.LogDebug("Planned {Pods} pods in {Milliseconds:0.0} ms", _plan.Pods.Count, time.GetElapsedTime(started).TotalMilliseconds);
    }

    private void Turn(DateTimeOffset leadingSince, CancellationToken cancellationToken)
    {
        var snapshot = state.Current;
        Make(snapshot);

        // What waits is over at its time, even if nothing changes until then. Set at every turn: a timer counts whole
        // milliseconds and may end within the last of them, too early.
        _holdsOver?.Dispose();
        _holdsOver = _plan!.HoldsUntil is { } until ? time.CreateTimer(_ => changes.Signal(urgent: true), null, Rest(until), Timeout.InfiniteTimeSpan) : null;

        // First what reaches proxies in milliseconds, then what stands for good.
        sessions.Publish(_plan!, _plannedAt);
        if (authority.Current is { } trust) trusts.Publish(TrustNamespaces.Of(snapshot, surroundings.Scope, trusts.Expected), TrustContent.Of(trust.RootsPem, trust.Id, options.Address));
        credentials.Publish(_plan!.CredentialNeeds, cancellationToken);
        composed.Publish(CredentialOrder.Of(_plan!.Pods.Values), cancellationToken);
        records.Publish([.. _plan!.Pods.Values.Select(OrderOf)]);
        var reachable = _plan.Pods.Values.Select(pod => snapshot.Workloads.GetValueOrDefault(pod.Pod)).OfType<Workload>().Where(workload => workload.Addresses.Count > 0).ToList();
        dialer.Publish(reachable.Select(workload => ControlTargetOf(workload, snapshot)), cancellationToken);
        poller.Publish([.. reachable.Select(ReportTargetOf)], sessions.IsUp, cancellationToken);
        identities.Look(_plan, cancellationToken);
        formats.Look(_plan, snapshot, cancellationToken);
        statuses.Publish(_plan, reports.Current, leadingSince);
    }

    private TimeSpan Rest(DateTimeOffset until)
    {
        var rest = until - time.GetUtcNow();
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    public override void Dispose()
    {
        _holdsOver?.Dispose();
        base.Dispose();
    }

    private static RecordOrder OrderOf(PodPlan pod) => new()
    {
        Pod = new EntityKey(pod.Pod.Namespace, pod.Pod.Name),
        PodUid = pod.Uid,
        ConfigName = pod.ConfigName,
        Hash = pod.Hash,
        Sections = pod.Sections,
    };

    private static ControlTarget ControlTargetOf(Workload workload, MeshSnapshot snapshot) => new(
        workload.Uid, new EntityKey(workload.Key.Namespace, workload.Key.Name), workload.Addresses[0],
        new SpiffeId(snapshot.Settings.TrustDomain, workload.Key.Namespace, workload.ServiceAccount));

    private static ReportTarget ReportTargetOf(Workload workload)
    {
        var address = workload.Addresses[0];
        var host = address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;
        return new ReportTarget(workload.Uid, new EntityKey(workload.Key.Namespace, workload.Key.Name), $"{host}:{Config.WellKnown.StatusPort}");
    }
}
