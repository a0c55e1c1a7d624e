using k8s.Models;
using Mesh.Local.Node.Containers;

namespace Mesh.Local.Node.Pods;

/// <summary>A container that cannot even be made: its image is not known, or something it refers to is not there. Says so and waits for the next try.</summary>
internal sealed class ContainerRefusals(PodContext context)
{
    private const string NoPull = "ErrImagePull", NeverPull = "ErrImageNeverPull", NoConfig = "CreateContainerConfigError";

    private static readonly TimeSpan ConfigRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPullRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPullRetry = TimeSpan.FromMinutes(5);

    /// <summary>How long a failure is shown before the wait for the next try is, and how often it is looked whether another image was named.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private TimeSpan _pullRetry = FirstPullRetry;

    public static bool IsBeforeRun(ContainerStartException e) => e.Reason is NoPull or NeverPull or NoConfig;

    /// <summary>Tells and waits; ends early when stopped.</summary>
    public async Task WaitAsync(
        ContainerStartException e, Func<V1Container> container, Action<Func<ContainerRecord, ContainerRecord>> change, CancellationToken stop)
    {
        if (e.Reason == NeverPull) context.Tell(container(), true, e.Reason, e.Message);
        if (e.Reason == NoPull) await BackOffAsync(e, container, change, stop);
        else await ExplainAsync(e, container(), change, stop);
    }

    private async Task ExplainAsync(ContainerStartException e, V1Container container, Action<Func<ContainerRecord, ContainerRecord>> change, CancellationToken stop)
    {
        context.Tell(container, true, "Failed", $"Error: {(e.Reason == NeverPull ? e.Reason : e.Message)}");
        Show(change, e.Reason, e.Message);
        await PauseAsync(ConfigRetry, stop);
    }

    private async Task BackOffAsync(ContainerStartException e, Func<V1Container> container, Action<Func<ContainerRecord, ContainerRecord>> change, CancellationToken stop)
    {
        var tried = container();
        context.Tell(tried, false, "Pulling", $"Pulling image \"{tried.Image}\"");
        context.Tell(tried, true, "Failed", $"Failed to pull image \"{tried.Image}\": {e.Message}");
        context.Tell(tried, true, "Failed", $"Error: {NoPull}");
        Show(change, NoPull, e.Message);
        await PauseAsync(Step, stop);
        if (stop.IsCancellationRequested) return;
        context.Tell(tried, false, "BackOff", $"Back-off pulling image \"{tried.Image}\"");
        context.Tell(tried, true, "Failed", "Error: ImagePullBackOff");
        Show(change, "ImagePullBackOff", $"Back-off pulling image \"{tried.Image}\": {NoPull}: {e.Message}");
        for (var left = _pullRetry; left > TimeSpan.Zero && container().Image == tried.Image && !stop.IsCancellationRequested; left -= Step) await PauseAsync(Step, stop);
        _pullRetry = _pullRetry * 2 < LongestPullRetry ? _pullRetry * 2 : LongestPullRetry;
    }

    private static void Show(Action<Func<ContainerRecord, ContainerRecord>> change, string reason, string message) =>
        change(r => r with { State = ContainerStates.Waiting(reason, message), LastState = r.State.Terminated is null ? r.LastState : r.State });

    private async Task PauseAsync(TimeSpan pause, CancellationToken stop) =>
        await Task.Delay(pause, context.Services.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
