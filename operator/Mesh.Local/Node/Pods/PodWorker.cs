using System.Collections.Immutable;
using k8s.Models;
using Mesh.Local.Node.Volumes;

namespace Mesh.Local.Node.Pods;

/// <summary>
/// One pod from its binding to its end. What enters: the pod's object and its changes. What leaves: processes in the pod's
/// own namespaces, its status, its Events; when the object is deleted the processes end in order and only then the object
/// goes. It writes nothing but status, and a manifest that cannot run is told, not thrown.
/// </summary>
internal sealed class PodWorker
{
    /// <summary>How soon a volume that could not be made is tried again; a kubelet begins with this too.</summary>
    private static readonly TimeSpan MountRetry = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the same failure is told.</summary>
    private static readonly TimeSpan MountTold = TimeSpan.FromSeconds(10);

    /// <summary>What a sidecar gets to end even when the application used all of the pod's grace.</summary>
    private static readonly TimeSpan LeastGrace = TimeSpan.FromSeconds(2);

    private readonly NodeServices _services;
    private readonly PodFacts _facts;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _kill = new();
    private readonly List<Task> _running = [];
    private volatile V1Pod _pod;
    private volatile PodContext? _context;
    private ImmutableArray<ContainerRunner> _runners = [];
    private TimeSpan _grace;
    private PodStatusWriter? _status;
    private VolumeRefresh? _refresh;

    public PodWorker(V1Pod pod, NodeServices services)
    {
        _pod = pod;
        _services = services;
        _facts = new PodFacts { HostIP = services.Network.Plan.Node.ToString(), StartTime = pod.Status?.StartTime ?? services.Time.GetUtcNow().UtcDateTime };
    }

    public V1Pod Pod => _pod;

    public IReadOnlyList<ContainerRunner> Containers => _runners;

    /// <summary>What keeps the pod's volumes from being made; null when nothing does.</summary>
    public string? Problem { get; private set; }

    /// <summary>The pod's network, once there is one.</summary>
    public Network.PodNetwork? Network => _context?.Network;

    /// <summary>Takes a newer version of the object; labels and annotations that changed bring the volumes up to date at once.</summary>
    public void Update(V1Pod pod)
    {
        var before = _pod;
        _pod = pod;
        if (_context is { } context) context.Pod = pod;
        if (pod.Metadata.DeletionTimestamp is not null) Stop(TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? 30));
        else if (VolumeRefresh.IsAsked(before, pod)) _refresh?.Ask();
        foreach (var container in pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? [])) _runners.FirstOrDefault(r => r.Name == container.Name)?.Replace(container);
        // The generation seen, and what a readiness gate's condition says, are part of the status.
        _status?.Changed();
    }

    /// <summary>Ends the pod within <paramref name="grace"/>; asked again with less, the shorter one holds.</summary>
    public void Stop(TimeSpan grace)
    {
        if (!_stop.IsCancellationRequested) _grace = grace;
        else if (grace < _grace) _kill.CancelAfter(grace);
        // Not on the caller's thread: what waits for this does a lot, and the caller is the watch.
        _ = _stop.CancelAsync();
    }

    /// <summary>Runs the pod to its end.</summary>
    /// <param name="starting">How many pods may be given their network at the same time.</param>
    /// <param name="shutdown">The node itself ends: processes are killed and nothing is written any more.</param>
    public async Task RunAsync(SemaphoreSlim starting, CancellationToken shutdown)
    {
        await using var ending = shutdown.Register(() =>
        {
            _kill.Cancel();
            Stop(TimeSpan.Zero);
        });
        try
        {
            _context = new PodContext(_pod, _services, await JoinAsync(starting, shutdown));
            _context.Pod = _pod; // A change may have come in between.
            await LiveAsync(_context, shutdown);
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
        }
        finally
        {
            _context?.Dispose();
        }

        if (!shutdown.IsCancellationRequested && _pod.Metadata.DeletionTimestamp is not null) await _services.Api.Remove(_pod, shutdown);
    }

    private async Task<Network.PodNetwork> JoinAsync(SemaphoreSlim starting, CancellationToken shutdown)
    {
        await starting.WaitAsync(shutdown);
        try
        {
            return await _services.Network.AddPodAsync(shutdown);
        }
        finally
        {
            starting.Release();
        }
    }

    private async Task LiveAsync(PodContext context, CancellationToken shutdown)
    {
        _runners =
        [
            .. (context.Pod.Spec.InitContainers ?? []).Select(c => Runner(context, c, c.RestartPolicy == "Always" ? ContainerRole.Sidecar : ContainerRole.Init)),
            .. context.Pod.Spec.Containers.Select(c => Runner(context, c, ContainerRole.Main)),
        ];
        _status = new PodStatusWriter(_services, () => _pod, _facts, () => [.. _runners.Select(r => r.Record)]);
        _refresh = new VolumeRefresh(context, _services);
        var writing = _status.RunAsync(shutdown);
        using var alive = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, shutdown);
        var refreshing = Task.CompletedTask;
        var running = Task.CompletedTask;
        try
        {
            await PrepareAsync(context, alive.Token);
            refreshing = _refresh.RunAsync(alive.Token);
            running = RunContainersAsync(alive.Token);
            await WithinDeadlineAsync(running, alive.Token);
        }
        catch (OperationCanceledException) when (alive.IsCancellationRequested)
        {
            // Deleted or shut down; what runs is ended below.
        }

        await StopContainersAsync(context);
        await alive.CancelAsync();
        await Task.WhenAll(refreshing, running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _status.Finish();
        await writing;
        // Finished and not deleted: the object stays to be looked at; its processes and addresses are gone.
    }

    private ContainerRunner Runner(PodContext context, V1Container container, ContainerRole role) =>
        new(context, container, role, () => _status?.Changed());

    /// <summary>Until the volumes are there; then the pod has its network too, as far as anybody is told.</summary>
    private async Task PrepareAsync(PodContext context, CancellationToken alive)
    {
        long? told = null;
        while (true)
        {
            try
            {
                await context.Volumes.PrepareAsync(context.Pod, alive);
                Problem = null;
                _facts.PodIPs = context.Placement.PodIPs;
                _facts.IsPrepared = true;
                _status?.Changed();
                return;
            }
            catch (Exception e) when (e is VolumeException or IOException or Operator.Runtime.ApiException or HttpRequestException or TimeoutException)
            {
                if (Problem != e.Message || told is not { } last || _services.Time.GetElapsedTime(last) >= MountTold)
                {
                    context.Tell(null, true, "FailedMount", $"MountVolume.SetUp failed for volume {e.Message}");
                    told = _services.Time.GetTimestamp();
                }

                Problem = e.Message;
            }

            await Task.Delay(MountRetry, _services.Time, alive);
        }
    }

    /// <summary>activeDeadlineSeconds counts from the pod's start on the node, its init containers with it.</summary>
    private async Task WithinDeadlineAsync(Task running, CancellationToken alive)
    {
        if (_pod.Spec.ActiveDeadlineSeconds is { } deadline && await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(deadline), _services.Time, alive)) != running)
        {
            alive.ThrowIfCancellationRequested();
            (_facts.Reason, _facts.Message) = ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
            _context!.Tell(null, false, "DeadlineExceeded", _facts.Message);
            _grace = TimeSpan.FromSeconds(_pod.Spec.TerminationGracePeriodSeconds ?? 30);
            return;
        }

        await running;
    }

    private async Task RunContainersAsync(CancellationToken alive)
    {
        foreach (var runner in _runners.Where(r => r.Role != ContainerRole.Main))
        {
            var run = Start(runner);
            await (runner.Role == ContainerRole.Init ? run : runner.Started).WaitAsync(alive);
            if (runner.Role == ContainerRole.Init && runner.Record.ExitCode != 0) return;
        }

        var mains = new List<Task>();
        foreach (var runner in _runners.Where(r => r.Role == ContainerRole.Main))
        {
            mains.Add(Start(runner));
            // A postStart hook holds up the containers behind it; their order means nothing otherwise.
            if (runner.Definition.Lifecycle?.PostStart is not null) await runner.Launched.WaitAsync(alive);
        }

        await Task.WhenAll(mains).WaitAsync(alive);
    }

    private Task Start(ContainerRunner runner)
    {
        var run = Task.Run(runner.RunAsync);
        _running.Add(run);
        return run;
    }

    /// <summary>The application first, then the sidecars, the last started first: each can rely on those before it to the end.</summary>
    private async Task StopContainersAsync(PodContext context)
    {
        var began = _services.Time.GetTimestamp();
        var total = _stop.IsCancellationRequested || _facts.Reason is not null
            ? _grace
            : TimeSpan.FromSeconds(_pod.Spec.TerminationGracePeriodSeconds ?? 30);
        await Task.WhenAll(_runners.Where(r => r.Role != ContainerRole.Sidecar).Select(r => StopAsync(context, r, total)));
        foreach (var sidecar in _runners.Where(r => r.Role == ContainerRole.Sidecar).Reverse())
        {
            var left = total - _services.Time.GetElapsedTime(began);
            await StopAsync(context, sidecar, left > LeastGrace || total == TimeSpan.Zero ? left : LeastGrace);
        }

        await Task.WhenAll(_running);
    }

    private Task StopAsync(PodContext context, ContainerRunner runner, TimeSpan grace)
    {
        if (runner.Record.IsRunning) context.Tell(runner.Definition, false, "Killing", $"Stopping container {runner.Name}");
        return runner.StopAsync(grace > TimeSpan.Zero ? grace : TimeSpan.Zero, _kill.Token);
    }
}
