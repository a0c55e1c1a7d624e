using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Node.Pods;

/// <summary>Asks one run of a container how it is (startup, then readiness and liveness) and runs its hooks; what the answers mean is the runner's.</summary>
internal sealed class ContainerHealth(
    PodContext context, V1Container container, Func<IEnumerable<string>, CancellationToken, Task<ProbeResult>> run)
{
    public required Action OnStarted { get; init; }

    public required Action<bool> OnReady { get; init; }

    public required Action OnStartupFailed { get; init; }

    public required Action OnDead { get; init; }

    /// <summary>Until cancelled, which is when the container has ended.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            if (container.StartupProbe is { } startup && !await StartupAsync(startup, cancellation)) return;
            List<Task> running = [];
            if (container.ReadinessProbe is { } readiness)
                running.Add(ProbeRunner.RunAsync(readiness, t => AskAsync(readiness, t), ok => OnReady(ok), result => Unhealthy("Readiness", result), eager: true, context.Services.Time, cancellation));
            if (container.LivenessProbe is { } liveness)
                running.Add(ProbeRunner.RunAsync(liveness, t => AskAsync(liveness, t), ok =>
                {
                    if (!ok) OnDead();
                }, result => Unhealthy("Liveness", result), eager: false, context.Services.Time, cancellation));
            await Task.WhenAll(running);
        }
        catch (OperationCanceledException)
        {
            // The container has ended; its probes end with it.
        }
    }

    /// <summary>True when the startup probe passed; the other probes begin only then.</summary>
    private async Task<bool> StartupAsync(V1Probe probe, CancellationToken cancellation)
    {
        using var decided = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var passed = false;
        try
        {
            await ProbeRunner.RunAsync(probe, t => AskAsync(probe, t), ok =>
            {
                passed = ok;
                if (!ok) OnStartupFailed();
                decided.Cancel();
            }, result => Unhealthy("Startup", result), eager: false, context.Services.Time, decided.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
        }

        if (!passed) return false;
        OnStarted();
        return true;
    }

    private void Unhealthy(string which, ProbeResult result) => context.Tell(container, true, "Unhealthy", $"{which} probe failed: {result.Message}");

    private Task<ProbeResult> AskAsync(V1Probe probe, CancellationToken cancellation) =>
        probe.HttpGet is { } http ? context.Probes.HttpAsync(http, container, cancellation)
        : probe.TcpSocket is { } tcp ? context.Probes.TcpAsync(tcp, container, cancellation)
        : probe.Grpc is { } grpc ? context.Probes.GrpcAsync(grpc, cancellation)
        : probe.Exec is { } exec ? run(exec.Command ?? [], cancellation)
        : Task.FromResult(new ProbeResult(true, ""));

    /// <summary>Runs a hook; false when it failed or was cut short. What failed is told.</summary>
    public async Task<bool> HookAsync(string which, V1LifecycleHandler hook, CancellationToken cancellation)
    {
        try
        {
            if (hook.Sleep is { } sleep)
            {
                await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), context.Services.Time, cancellation);
                return true;
            }

            var result = hook.Exec is { } exec ? await run(exec.Command ?? [], cancellation)
                : hook.HttpGet is { } http ? await context.Probes.HttpAsync(http, container, cancellation)
                : hook.TcpSocket is { } tcp ? await context.Probes.TcpAsync(tcp, container, cancellation)
                : new ProbeResult(true, "");
            if (!result.Ok) context.Tell(container, true, $"Failed{which}Hook", $"{which}Hook failed: {result.Message}");
            return result.Ok;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException or System.Net.Sockets.SocketException or InvalidOperationException)
        {
            context.Services.Log.LogDebug("{Pod}/{Container}: {Hook} hook did not end: {Why}", context.Pod.Metadata.Name, container.Name, which, e.Message);
            if (e is not OperationCanceledException) context.Tell(container, true, $"Failed{which}Hook", $"{which}Hook failed: {e.Message}");
            return false;
        }
    }
}
