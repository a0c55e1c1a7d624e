using k8s.Models;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Linux;
using Mesh.Local.Node.Sessions;
using Mesh.Local.Node.Volumes;

namespace Mesh.Local.Node.Pods;

/// <summary>
/// One container of a pod through all its runs: start, probes, exit, back-off, start again, until its role and the pod's
/// restart policy say it is finished or it is stopped. Tells each change; never decides about the pod.
/// </summary>
internal sealed class ContainerRunner(PodContext context, V1Container container, ContainerRole role, Action onChange)
{
    /// <summary>How long a run's end is shown before the wait for the next one is: a kubelet comes to that some seconds later too.</summary>
    private static readonly TimeSpan ShowEnd = TimeSpan.FromSeconds(3);

    /// <summary>The code of a container whose program could not be started.</summary>
    private const int NotStarted = 128;

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _launched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly RestartDelay _delay = new();
    private readonly ContainerRefusals _refusals = new(context);
    private volatile ContainerRecord _record = ContainerRecord.Begin(context.Pod, container, role, context.Services.Time.GetUtcNow().UtcDateTime);
    private volatile V1Container _container = container;
    private volatile ContainerRun? _run;
    private volatile int _writing = -1;
    private volatile bool _ending;
    private volatile bool _replaced;
    private bool _ranBefore;

    public ContainerRecord Record => _record;

    public ContainerRole Role => role;

    public string Name => _record.Name;

    /// <summary>As the pod's object has it now.</summary>
    public V1Container Definition => _container;

    /// <summary>Done when the container has started once (running, its postStart hook and startup probe, if any, have passed), or never will.</summary>
    public Task Started => _started.Task;

    /// <summary>Done when the container's first start is over, its postStart hook with it, however it went.</summary>
    public Task Launched => _launched.Task;

    /// <summary>The process that is number 1 of the container now, or null.</summary>
    public int? Pid => _run?.Process.Pid;

    /// <summary>What runs now, for those who want in.</summary>
    public ContainerRun? Current => _run;

    /// <summary>The run whose log is still written; -1: none.</summary>
    public int Writing => _writing;

    /// <summary>Runs the container until it is finished; ends (without an exception) when stopped too.</summary>
    public async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var began = context.Services.Time.GetTimestamp();
            var exit = await RunOnceAsync();
            var ran = context.Services.Time.GetElapsedTime(began);
            _launched.TrySetResult();
            if (exit is not { } code) continue;
            if (_stop.IsCancellationRequested) break;
            if (_replaced)
            {
                // Its definition changed: it begins again whatever the restart policy says, and at once.
                _replaced = false;
                continue;
            }

            if (!Restarts(code)) break;
            var delay = _delay.After(ran);
            if (delay > TimeSpan.Zero) await BackOffAsync(delay);
        }

        Change(r => r with
        {
            IsFinished = true,
            Ready = r.Ready && role == ContainerRole.Init,
            State = r.State.Terminated is null ? ContainerStates.NeverRan(Now()) : r.State,
        });
        _started.TrySetResult();
        _launched.TrySetResult();
    }

    /// <summary>Stops for good: preStop hook, SIGTERM, SIGKILL when <paramref name="grace"/> is over. Idempotent; a shorter grace later wins.</summary>
    public async Task StopAsync(TimeSpan grace, CancellationToken cutShort)
    {
        await _stop.CancelAsync();
        if (_run is { } run) await EndAsync(run, grace, cutShort);
    }

    /// <summary>Another image: what runs now ends, and the container begins again with it.</summary>
    public void Replace(V1Container now)
    {
        if (now.Image == _container.Image) return;
        _container = now;
        if (_run is not { } run || _stop.IsCancellationRequested) return;
        _replaced = true;
        context.Tell(now, false, "Killing", $"Container {Name} definition changed, will be restarted");
        _ = EndAsync(run, PodGrace, CancellationToken.None);
    }

    public async Task<ProbeResult> ExecAsync(IEnumerable<string> command, CancellationToken cancellation)
    {
        if (_run is not { Process: var process, Spec: var spec }) return new ProbeResult(false, "the container is not running");
        var identity = new ContainerIdentity(spec.User, spec.Group, spec.SupplementalGroups, spec.Capabilities);
        var result = await Tool.RunAsync(null, ContainerProcess.ExecCommand(process.Pid, identity, [.. command]), null, cancellation,
            [.. spec.Environment.Select(e => $"{e.Key}={e.Value}")]);
        return new ProbeResult(result.ExitCode == 0, result.Output);
    }

    private TimeSpan PodGrace => TimeSpan.FromSeconds(context.Pod.Spec.TerminationGracePeriodSeconds ?? 30);

    private bool Restarts(int exitCode) => role switch
    {
        ContainerRole.Sidecar => true,
        ContainerRole.Init => exitCode != 0 && context.Pod.Spec.RestartPolicy != "Never",
        _ => context.Pod.Spec.RestartPolicy switch
        {
            "Never" => false,
            "OnFailure" => exitCode != 0,
            _ => true,
        },
    };

    /// <summary>One run from start to exit; returns the exit code, or null when there was nothing to run yet and it is to be tried again.</summary>
    private async Task<int?> RunOnceAsync()
    {
        var number = _ranBefore ? _record.Restarts + 1 : _record.Restarts;
        try
        {
            var ended = await ContainerLaunch.RunAsync(context, _container, number, Begun, LiveAsync, _stop.Token);
            Change(r => r with
            {
                Ready = role == ContainerRole.Init && ended.Code == 0,
                Started = false,
                State = ContainerStates.Ended(ended.Code, ended.Reason, ended.Message, r.Id, r.State.Running?.StartedAt, Now()),
            });
            return ended.Code;
        }
        catch (ContainerStartException e)
        {
            return await RefusedAsync(e, number);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is Operator.Runtime.ApiException or HttpRequestException or TimeoutException or IOException or VolumeException)
        {
            // The API or the disk failed for a moment; the container is tried again.
            return await RefusedAsync(new ContainerStartException("CreateContainerConfigError", e.Message, 0), number);
        }
        finally
        {
            Begun(null, -1);
        }
    }

    private void Begun(ContainerRun? run, int writing)
    {
        _run = run;
        _writing = writing;
    }

    private async Task<ExitStatus> LiveAsync(ContainerRun run, int number)
    {
        var process = run.Process;
        var definition = _container;
        var noStartup = definition.StartupProbe is null;
        _ending = false;
        Next(number, r => r with
        {
            Id = ContainerLaunch.IdOf(context, Name, number),
            Image = definition.Image,
            User = ContainerLaunch.UserOf(run.Spec),
            // An init container has started when it runs: nothing else is asked of it.
            Started = noStartup,
            Ready = noStartup && definition.ReadinessProbe is null && role != ContainerRole.Init,
            State = ContainerStates.Running(Now()),
        });
        using var watching = new CancellationTokenSource();
        var health = Health(run);
        var probes = health.RunAsync(watching.Token);
        var hook = PostStartAsync(run, health, noStartup, watching.Token);
        // A stop that came between the start and now found no process to end.
        if (_stop.IsCancellationRequested) process.Signal(Libc.SigKill);
        var status = await process.Exited;
        await watching.CancelAsync();
        await Task.WhenAll(probes, hook);
        return status;
    }

    /// <summary>The record of another run; what the last one came to is kept as the last state.</summary>
    private void Next(int number, Func<ContainerRecord, ContainerRecord> change)
    {
        _ranBefore = true;
        Change(r => change(r with { Restarts = number, LastState = r.State.Terminated is null ? r.LastState : r.State }));
    }

    private async Task<int?> RefusedAsync(ContainerStartException e, int number)
    {
        _launched.TrySetResult();
        if (ContainerRefusals.IsBeforeRun(e))
        {
            await _refusals.WaitAsync(e, () => _container, Change, _stop.Token);
            return null;
        }

        // It was created and could not run: that counts as a run, as in any container runtime.
        context.Tell(_container, true, "Failed", $"Error: {e.Message}");
        var id = ContainerLaunch.IdOf(context, Name, number);
        Next(number, r => r with { Id = id, Ready = false, Started = false, State = ContainerStates.Ended(NotStarted, e.Reason, e.Message, id, DateTime.UnixEpoch, Now()) });
        return NotStarted;
    }

    private async Task BackOffAsync(TimeSpan delay)
    {
        var pod = $"{context.Pod.Metadata.Name}_{context.Pod.Metadata.NamespaceProperty}({context.Pod.Metadata.Uid})";
        await WaitAsync(ShowEnd);
        if (_stop.IsCancellationRequested) return;
        context.Tell(_container, true, "BackOff", $"Back-off restarting failed container {Name} in pod {pod}");
        Change(r => r with { LastState = r.State, State = ContainerStates.Waiting("CrashLoopBackOff", $"back-off {delay.TotalSeconds:0}s restarting failed container={Name} pod={pod}") });
        await WaitAsync(delay - ShowEnd);
    }

    private async Task WaitAsync(TimeSpan delay) =>
        await Task.Delay(delay, context.Services.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private ContainerHealth Health(ContainerRun run) => new(context, _container, ExecAsync)
    {
        OnStarted = () =>
        {
            Change(r => r with { Started = true, Ready = _container.ReadinessProbe is null && role != ContainerRole.Init });
            if (_launched.Task.IsCompleted) _started.TrySetResult();
        },
        OnReady = ok =>
        {
            if (_record.Ready != ok) Change(r => r with { Ready = ok });
        },
        OnStartupFailed = () => Unhealthy(run, "startup", _container.StartupProbe!),
        OnDead = () => Unhealthy(run, "liveness", _container.LivenessProbe!),
    };

    private void Unhealthy(ContainerRun run, string which, V1Probe probe)
    {
        if (_stop.IsCancellationRequested || _ending) return;
        context.Tell(_container, false, "Killing", $"Container {Name} failed {which} probe, will be restarted");
        _ = EndAsync(run, probe.TerminationGracePeriodSeconds is { } own ? TimeSpan.FromSeconds(own) : PodGrace, CancellationToken.None);
    }

    private async Task PostStartAsync(ContainerRun run, ContainerHealth health, bool noStartup, CancellationToken cancellation)
    {
        if (_container.Lifecycle?.PostStart is { } hook && !await health.HookAsync("PostStart", hook, cancellation))
        {
            if (cancellation.IsCancellationRequested) return;
            context.Tell(_container, false, "Killing", "FailedPostStartHook");
            _ = EndAsync(run, PodGrace, CancellationToken.None);
            return;
        }

        _launched.TrySetResult();
        if ((noStartup || _record.Started) && role != ContainerRole.Init) _started.TrySetResult();
    }

    private async Task EndAsync(ContainerRun run, TimeSpan grace, CancellationToken cutShort)
    {
        // The hook runs once, whoever else wants the end meanwhile.
        var hook = _ending ? null : _container.Lifecycle?.PreStop;
        _ending = true;
        await ContainerEnd.RunAsync(run.Process, hook is not null ? limit => Health(run).HookAsync("PreStop", hook, limit) : null, grace, context.Services.Time, cutShort);
    }

    private DateTime Now() => context.Services.Time.GetUtcNow().UtcDateTime;

    private void Change(Func<ContainerRecord, ContainerRecord> change)
    {
        lock (_delay) _record = change(_record);
        onChange();
    }
}
