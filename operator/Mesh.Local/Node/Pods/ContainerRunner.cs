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
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly RestartDelay _delay = new();
    private volatile ContainerRecord _record = ContainerRecord.Begin(context.Pod, container, role, context.Services.Time.GetUtcNow().UtcDateTime);
    private volatile ContainerRun? _run;
    private volatile int _writing = -1;
    private TimeSpan? _killAfter;

    public ContainerRecord Record => _record;

    public ContainerRole Role => role;

    public string Name => container.Name;

    /// <summary>Done when the container has started once (running, and its startup probe, if any, has passed), or never will.</summary>
    public Task Started => _started.Task;

    /// <summary>The process that is number 1 of the container now, or null.</summary>
    public int? Pid => _run?.Process.Pid;

    /// <summary>What runs now, for those who want in.</summary>
    public ContainerRun? Current => _run;

    /// <summary>The run whose log is still written; -1: none.</summary>
    public int Writing => _writing;

    /// <summary>Says what keeps the container from being made; null: nothing any more.</summary>
    public void Explain(string? why) => Change(r => r.State.Waiting is { } waiting
        ? r with { State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = why is null ? waiting.Reason : "ContainerCreating", Message = why } } }
        : r);

    /// <summary>Runs the container until it is finished; ends (without an exception) when stopped too.</summary>
    public async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var began = context.Services.Time.GetTimestamp();
            var exit = await RunOnceAsync();
            var ran = context.Services.Time.GetElapsedTime(began);
            if (exit is not { } code) continue;
            if (_stop.IsCancellationRequested || !Restarts(code)) break;
            var delay = _delay.After(ran);
            if (delay > TimeSpan.Zero) await BackOffAsync(delay);
            else Change(r => r with { Restarts = r.Restarts + 1, LastState = r.State });
        }

        Change(r => r with
        {
            IsFinished = true,
            Ready = r.Ready && role == ContainerRole.Init,
            State = r.State.Terminated is null ? Ended(0, "ContainerStatusUnknown", "stopped before it ran", null) : r.State,
        });
        _started.TrySetResult();
    }

    /// <summary>Stops: preStop hook, SIGTERM, SIGKILL when <paramref name="grace"/> is over. Idempotent; a shorter grace later wins.</summary>
    public async Task StopAsync(TimeSpan grace, CancellationToken cutShort)
    {
        await _stop.CancelAsync();
        if (_run?.Process is not { } process) return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cutShort);
        limit.CancelAfter(grace);
        if (grace > TimeSpan.Zero && container.Lifecycle?.PreStop is { } hook) await Health(process).HookAsync("PreStop", hook, limit.Token);
        process.Signal(StopSignal);
        try
        {
            await process.Exited.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Signal(Libc.SigKill);
            await process.Exited;
        }
    }

    public async Task<ProbeResult> ExecAsync(IEnumerable<string> command, CancellationToken cancellation)
    {
        if (_run is not { Process: var process, Spec: var spec }) return new ProbeResult(false, "the container is not running");
        var identity = new ContainerIdentity(spec.User, spec.Group, spec.SupplementalGroups, spec.Capabilities);
        var result = await Tool.RunAsync(null, ContainerProcess.ExecCommand(process.Pid, identity, [.. command]), null, cancellation,
            [.. spec.Environment.Select(e => $"{e.Key}={e.Value}")]);
        return new ProbeResult(result.ExitCode == 0, $"command exited with {result.ExitCode}: {result.Output.Trim()}");
    }

    private static int StopSignal => Libc.SigTerm;

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
        var services = context.Services;
        ContainerLog? log = null;
        try
        {
            var spec = await ContainerSpecs.BuildAsync(context, container, _stop.Token);
            var scratch = Directory.CreateDirectory(Path.Combine(context.Directory, "scratch", container.Name)).FullName;
            log = new ContainerLog(PodLogs.PathOf(services.Directory, context.Pod, container.Name, _record.Restarts), services.Time);
            _writing = _record.Restarts;
            var output = new ContainerOutput(log);
            var process = await ContainerProcess.StartAsync(spec, scratch, output.Write);
            _run = new ContainerRun(process, spec, output);
            services.Started(process.Pid);
            Register(process.Pid, spec);
            return await LiveAsync(process);
        }
        catch (ContainerStartException e)
        {
            return await RefusedAsync(e);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is Operator.Runtime.ApiException or HttpRequestException or TimeoutException or IOException or VolumeException)
        {
            // The API or the disk failed for a moment; the container is tried again.
            return await RefusedAsync(new ContainerStartException("CreateContainerConfigError", e.Message, 0));
        }
        finally
        {
            _run = null;
            services.Running.Remove(context.Pod.Metadata.NamespaceProperty, context.Pod.Metadata.Name, container.Name);
            log?.Dispose();
            _writing = -1;
        }
    }

    private void Register(int pid, ContainerSpec spec)
    {
        string? named = null;
        context.Pod.Metadata.Annotations?.TryGetValue("kubectl.kubernetes.io/default-container", out named);
        context.Services.Running.Add(new RunningContainer
        {
            Namespace = context.Pod.Metadata.NamespaceProperty,
            Pod = context.Pod.Metadata.Name,
            PodUid = context.Pod.Metadata.Uid,
            Container = container.Name,
            Pid = pid,
            Started = ProcessLedger.StartOf(pid) ?? "",
            IsDefault = container.Name == (named ?? context.Pod.Spec.Containers[0].Name),
            User = spec.User,
            Group = spec.Group,
            Groups = spec.SupplementalGroups,
            Capabilities = spec.Capabilities,
        });
    }

    private async Task<int> LiveAsync(ChildProcess process)
    {
        var began = Now();
        var id = $"mesh://{context.Pod.Metadata.Uid}/{container.Name}/{_record.Restarts}";
        context.Tell(container, false, "Pulled", $"Container image \"{container.Image}\" already present on machine");
        context.Tell(container, false, "Created", $"Created container: {container.Name}");
        context.Tell(container, false, "Started", $"Started container {container.Name}");
        var noStartup = container.StartupProbe is null;
        Change(r => r with
        {
            Id = id,
            Started = noStartup,
            Ready = noStartup && container.ReadinessProbe is null && role != ContainerRole.Init,
            State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = began } },
        });
        if (noStartup && role != ContainerRole.Init) _started.TrySetResult();

        using var watching = new CancellationTokenSource();
        var probes = Health(process).RunAsync(watching.Token);
        if (container.Lifecycle?.PostStart is { } hook) _ = PostStartAsync(process, hook, watching.Token);
        // A stop that came between the start and now found no process to end.
        if (_stop.IsCancellationRequested) process.Signal(Libc.SigKill);
        var status = await process.Exited;
        await watching.CancelAsync();
        await probes;
        var reason = status.Code == 0 ? "Completed" : "Error";
        Change(r => r with { Ready = role == ContainerRole.Init && status.Code == 0, Started = false, State = Ended(status.Code, reason, null, began) });
        return status.Code;
    }

    private async Task<int?> RefusedAsync(ContainerStartException e)
    {
        var reason = e.Reason is "ErrImagePull" or "CreateContainerConfigError" ? e.Reason : "Failed";
        if (e.Reason == "ErrImagePull") context.Tell(container, true, "Failed", $"Failed to pull image \"{container.Image}\": {e.Message}");
        else context.Tell(container, true, "Failed", $"Error: {e.Message}");
        if (reason == "Failed")
        {
            // It was created and could not run: that counts as a run, as in any container runtime.
            Change(r => r with { Ready = false, Started = false, State = Ended(e.ExitCode, e.Reason, e.Message, Now()) });
            return e.ExitCode;
        }

        Change(r => r with { State = Waiting(reason, e.Message) });
        var delay = _delay.After(TimeSpan.Zero);
        await WaitAsync(delay == TimeSpan.Zero ? TimeSpan.FromSeconds(10) : delay);
        return null;
    }

    private async Task BackOffAsync(TimeSpan delay)
    {
        var message = $"back-off {delay.TotalSeconds:0}s restarting failed container={container.Name} pod={context.Pod.Metadata.Name}_{context.Pod.Metadata.NamespaceProperty}({context.Pod.Metadata.Uid})";
        context.Tell(container, true, "BackOff", $"Back-off restarting failed container {container.Name} in pod {context.Pod.Metadata.Name}_{context.Pod.Metadata.NamespaceProperty}({context.Pod.Metadata.Uid})");
        Change(r => r with { LastState = r.State, State = Waiting("CrashLoopBackOff", message) });
        await WaitAsync(delay);
        Change(r => r with { Restarts = r.Restarts + 1 });
    }

    private async Task WaitAsync(TimeSpan delay) =>
        await Task.Delay(delay, context.Services.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private ContainerHealth Health(ChildProcess process) => new(context, container, ExecAsync)
    {
        OnStarted = () =>
        {
            Change(r => r with { Started = true, Ready = container.ReadinessProbe is null && role != ContainerRole.Init });
            _started.TrySetResult();
        },
        OnReady = Readiness,
        OnStartupFailed = result => Kill(process, "Startup", result),
        OnDead = result => Liveness(process, result),
    };

    private void Readiness(bool ok, ProbeResult result)
    {
        if (_record.Ready == ok) return;
        if (!ok) context.Tell(container, true, "Unhealthy", $"Readiness probe failed: {result.Message}");
        Change(r => r with { Ready = ok });
    }

    private void Liveness(ChildProcess process, ProbeResult result)
    {
        if (_stop.IsCancellationRequested || _killAfter is not null) return;
        _killAfter = TimeSpan.FromSeconds(container.LivenessProbe!.TerminationGracePeriodSeconds ?? context.Pod.Spec.TerminationGracePeriodSeconds ?? 30);
        Kill(process, "Liveness", result);
    }

    private void Kill(ChildProcess process, string which, ProbeResult result)
    {
        context.Tell(container, true, "Unhealthy", $"{which} probe failed: {result.Message}");
        context.Tell(container, false, "Killing", $"Container {container.Name} failed {which.ToLowerInvariant()} probe, will be restarted");
        process.Signal(StopSignal);
        _ = KillLaterAsync(process, _killAfter ?? TimeSpan.FromSeconds(context.Pod.Spec.TerminationGracePeriodSeconds ?? 30));
    }

    private async Task KillLaterAsync(ChildProcess process, TimeSpan grace)
    {
        await Task.WhenAny(process.Exited, Task.Delay(grace, context.Services.Time));
        process.Signal(Libc.SigKill);
        _killAfter = null;
    }

    private async Task PostStartAsync(ChildProcess process, V1LifecycleHandler hook, CancellationToken cancellation)
    {
        if (!await Health(process).HookAsync("PostStart", hook, cancellation) && !cancellation.IsCancellationRequested) process.Signal(Libc.SigKill);
    }

    private V1ContainerState Ended(int code, string reason, string? message, DateTime? began) => new()
    {
        Terminated = new V1ContainerStateTerminated
        {
            ExitCode = code,
            Reason = reason,
            Message = message,
            StartedAt = began,
            FinishedAt = Now(),
            ContainerID = _record.Id,
        },
    };

    private static V1ContainerState Waiting(string reason, string message) =>
        new() { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } };

    private DateTime Now() => context.Services.Time.GetUtcNow().UtcDateTime;

    private void Change(Func<ContainerRecord, ContainerRecord> change)
    {
        lock (_delay) _record = change(_record);
        onChange();
    }
}
