using System.Collections.Immutable;

namespace Mesh.Local.ApiServer.Storage;

/// <summary>
/// All objects of one resource: their present state and a window of past writes. Written only by <see cref="ObjectStore"/>
/// under its lock. A watcher holds no queue of its own, only the revision it has come to: it is woken, reads from the window,
/// and learns that it is too late when the window has moved on. So a slow watcher costs a writer nothing and no memory.
/// </summary>
internal sealed class ObjectCollection(string id, int window, Lock gate)
{
    private readonly Queue<(StoreEvent Event, ImmutableSortedDictionary<string, StoredObject> State)> history = new();
    private TaskCompletionSource changed = NewSignal();
    private ImmutableSortedDictionary<string, StoredObject> initial = Empty;
    private long forgotten;

    private static readonly ImmutableSortedDictionary<string, StoredObject> Empty =
        ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

    public string Id { get; } = id;

    public ImmutableSortedDictionary<string, StoredObject> State { get; private set; } = Empty;

    /// <summary>Where the collection itself has gone (its definition was deleted), watches end.</summary>
    public bool Closed { get; private set; }

    public void Append(StoreEvent written)
    {
        var key = written.Subject.Key;
        State = written.After is null ? State.Remove(key) : State.SetItem(key, written.After);
        history.Enqueue((written, State));
        if (history.Count > window)
        {
            var (old, state) = history.Dequeue();
            forgotten = old.Revision;
            initial = state;
        }

        Wake();
    }

    public void ForgetHistory(long until)
    {
        history.Clear();
        initial = State;
        forgotten = until;
    }

    public void Restore(StoredObject found) => initial = State = State.SetItem(found.Key, found);

    public void Close()
    {
        Closed = true;
        Wake();
    }

    /// <summary>The state as of a revision; null when the window no longer reaches back so far.</summary>
    public ImmutableSortedDictionary<string, StoredObject>? StateAt(long revision)
    {
        lock (gate)
        {
            if (revision < forgotten)
                return null;
            var state = initial;
            foreach (var (written, after) in history)
            {
                if (written.Revision > revision)
                    break;
                state = after;
            }

            return state;
        }
    }

    /// <summary>What was written after a revision, oldest first, or why it cannot be told.</summary>
    public WatchRead ReadAfter(long revision, long current, int most)
    {
        lock (gate)
        {
            if (revision < forgotten)
                return WatchRead.TooOld;
            var events = new List<StoreEvent>();
            foreach (var (written, _) in history)
            {
                if (written.Revision > revision && events.Count < most)
                    events.Add(written);
            }

            if (events.Count == 0 && Closed)
                return WatchRead.Ended;
            return new WatchRead(events, events.Count == 0 ? Math.Max(revision, current) : events[^1].Revision, changed.Task);
        }
    }

    private void Wake()
    {
        var signal = changed;
        changed = NewSignal();
        signal.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
