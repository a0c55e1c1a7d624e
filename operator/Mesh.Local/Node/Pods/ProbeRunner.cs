using k8s.Models;

namespace Mesh.Local.Node.Pods;

/// <summary>Runs one probe at its period and reports when its verdict (after the thresholds) is or changes.</summary>
internal static class ProbeRunner
{
    /// <summary>While a container has never been ready it is asked this often, whatever its period: a start should not wait for a clock.</summary>
    private static readonly TimeSpan Eager = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs until cancelled. <paramref name="onVerdict"/> gets true or false each time a threshold is reached.</summary>
    /// <param name="onFailure">Gets each failure, but not those between two periods.</param>
    /// <param name="eager">Ask more often until the first success; only for probes whose failures before that have no effect.</param>
    public static async Task RunAsync(
        V1Probe probe, Func<CancellationToken, Task<ProbeResult>> ask, Action<bool> onVerdict, Action<ProbeResult> onFailure, bool eager, TimeProvider time, CancellationToken cancellation)
    {
        var period = TimeSpan.FromSeconds(Math.Max(1, probe.PeriodSeconds ?? 10));
        var timeout = TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds ?? 1));
        int successes = 0, failures = 0;
        long? told = null;
        if (probe.InitialDelaySeconds is > 0 and var delay) await Task.Delay(TimeSpan.FromSeconds(delay), time, cancellation);
        while (true)
        {
            var began = time.GetTimestamp();
            var result = await AskAsync(ask, timeout, cancellation);
            (successes, failures) = result.Ok ? (successes + 1, 0) : (0, failures + 1);
            if (!result.Ok && (told is not { } last || time.GetElapsedTime(last, began) >= period - Eager))
            {
                told = began;
                onFailure(result);
            }

            if (result.Ok && successes >= (probe.SuccessThreshold ?? 1)) onVerdict(true);
            else if (!result.Ok && failures >= (probe.FailureThreshold ?? 3)) onVerdict(false);
            eager &= !result.Ok;
            var pause = (eager && period > Eager ? Eager : period) - time.GetElapsedTime(began);
            if (pause > TimeSpan.Zero) await Task.Delay(pause, time, cancellation);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private static async Task<ProbeResult> AskAsync(Func<CancellationToken, Task<ProbeResult>> ask, TimeSpan timeout, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            return await ask(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ProbeResult(false, $"no answer within {timeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever keeps a probe from being asked, a wrong port name too, is a probe that failed.
            return new ProbeResult(false, e.Message);
        }
    }
}
