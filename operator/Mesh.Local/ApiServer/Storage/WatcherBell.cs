namespace Mesh.Local.ApiServer.Storage;

/// <summary>
/// Wakes those who wait for writes of one resource: of any namespace, or of theirs alone. After a quiet moment at once; under
/// many writes every few milliseconds, so that two hundred watchers are woken some hundred times a second and not for each
/// write, and each then reads all that was written meanwhile. Called under the store's lock.
/// </summary>
internal sealed class WatcherBell(Lock gate, TimeProvider time)
{
    private const string All = "";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(4);

    private readonly Dictionary<string, TaskCompletionSource> waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> touched = new(StringComparer.Ordinal);
    private ITimer? timer;
    private bool isArmed;
    private long last;

    /// <summary>Done with the next ring that concerns this namespace (empty: any).</summary>
    public Task Next(string ns)
    {
        if (!waiting.TryGetValue(ns, out var signal))
            waiting[ns] = signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return signal.Task;
    }

    public void Ring(string ns)
    {
        // Who comes later reads before it waits.
        if (waiting.Count == 0)
            return;
        touched.Add(ns);
        if (isArmed)
            return;
        var since = time.GetElapsedTime(last);
        if (since >= Pause)
            Wake();
        else
            Arm(Pause - since);
    }

    public void RingAll()
    {
        last = time.GetTimestamp();
        touched.Clear();
        foreach (var signal in waiting.Values)
            signal.SetResult();
        waiting.Clear();
    }

    private void Wake()
    {
        last = time.GetTimestamp();
        touched.Add(All);
        foreach (var ns in touched)
        {
            if (waiting.Remove(ns, out var signal))
                signal.SetResult();
        }

        touched.Clear();
    }

    private void Arm(TimeSpan due)
    {
        isArmed = true;
        timer ??= time.CreateTimer(static bell => ((WatcherBell)bell!).Due(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void Due()
    {
        lock (gate)
        {
            isArmed = false;
            Wake();
        }
    }
}
