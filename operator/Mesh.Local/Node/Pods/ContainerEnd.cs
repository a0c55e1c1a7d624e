using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node.Pods;

/// <summary>Ends one run of a container as Kubernetes does: its preStop hook, SIGTERM, and SIGKILL when the grace is over.</summary>
internal static class ContainerEnd
{
    /// <summary>What is left for SIGTERM when the hook used up all of the grace.</summary>
    private static readonly TimeSpan LeastGrace = TimeSpan.FromSeconds(2);

    /// <param name="process">Number 1 of the container.</param>
    /// <param name="preStop">The hook, or null.</param>
    /// <param name="grace">For hook and SIGTERM together; zero kills at once.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cutShort">Ends all patience.</param>
    public static async Task RunAsync(ChildProcess process, Func<CancellationToken, Task<bool>>? preStop, TimeSpan grace, TimeProvider time, CancellationToken cutShort)
    {
        var began = time.GetTimestamp();
        if (grace > TimeSpan.Zero && preStop is not null)
        {
            using var hookLimit = CancellationTokenSource.CreateLinkedTokenSource(cutShort);
            hookLimit.CancelAfter(grace);
            await Task.WhenAny(preStop(hookLimit.Token), process.Exited);
            await hookLimit.CancelAsync();
        }

        var left = grace - time.GetElapsedTime(began);
        if (preStop is not null && grace > TimeSpan.Zero && left < LeastGrace) left = LeastGrace;
        if (left > TimeSpan.Zero && !cutShort.IsCancellationRequested)
        {
            process.Signal(Libc.SigTerm);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cutShort);
            limit.CancelAfter(left);
            await ((Task)process.Exited).WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        process.Signal(Libc.SigKill);
        await process.Exited;
    }
}
