using Mesh.Config;

namespace Mesh.Sidecar.Config;

/// <summary>The config in force and what there is to report about it. Read by everybody, written by the loader.</summary>
public sealed class ProxyState
{
    private readonly Lock writing = new();
    private readonly TaskCompletionSource<ProxySnapshot> first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ProxySnapshot? current;
    private volatile ProxyReport report;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A state without config yet.</summary>
    public ProxyState(ProxyReport initial) => report = initial;

    /// <summary>Raised after each swap, with the new snapshot.</summary>
    public event Action<ProxySnapshot>? Swapped;

    /// <summary>Raised after each change of the report.</summary>
    public event Action? Reported;

    /// <summary>The snapshot in force; <c>null</c> before the first valid config.</summary>
    public ProxySnapshot? Current => current;

    /// <summary>Completes with the first snapshot.</summary>
    public Task<ProxySnapshot> First => first.Task;

    /// <summary>What this sidecar holds and what it refused.</summary>
    public ProxyReport Report => report;

    /// <summary>The report as soon as it is newer than this sequence, at the latest after the wait.</summary>
    public async Task<ProxyReport> ReportAfterAsync(long sequence, TimeSpan wait, TimeProvider clock, CancellationToken cancellation)
    {
        Task news;
        lock (writing) news = report.Sequence > sequence ? Task.CompletedTask : changed.Task;
        try
        {
            await news.WaitAsync(wait, clock, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Nothing new: the answer is the report as it is.
        }

        return report;
    }

    /// <summary>Puts a snapshot in force.</summary>
    internal void Swap(ProxySnapshot snapshot)
    {
        lock (writing)
        {
            current = snapshot;
            var manifest = snapshot.Config.Manifest;
            Publish(report with { Revision = manifest.Revision, Hash = manifest.Hash, Sections = manifest.Sections, Refused = null });
        }

        first.TrySetResult(snapshot);
        Swapped?.Invoke(snapshot);
    }

    /// <summary>Notes a config that was not taken; the one in force stays.</summary>
    internal void Refuse(RefusedConfig refused)
    {
        lock (writing) Publish(report with { Refused = refused });
    }

    /// <summary>The config in force was told again: an earlier refusal is no longer the last word.</summary>
    internal void Confirm()
    {
        lock (writing)
        {
            if (report.Refused is not null) Publish(report with { Refused = null });
        }
    }

    /// <summary>Changes what the report says beside the config; nothing happens when it says the same.</summary>
    internal void Tell(Func<ProxyReport, ProxyReport> change)
    {
        lock (writing)
        {
            var next = change(report);
            if (next != report) Publish(next);
        }
    }

    private void Publish(ProxyReport next)
    {
        report = next with { Sequence = report.Sequence + 1 };
        var waiting = changed;
        changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.SetResult();
        Reported?.Invoke();
    }
}
