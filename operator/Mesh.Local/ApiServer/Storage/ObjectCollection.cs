namespace Mesh.Local.ApiServer.Storage;

/// <summary>
/// All objects of one resource: their present state and a window of past writes. Written only by <see cref="ObjectStore"/>
/// under its lock. A watcher holds no queue of its own, only the revision it has come to: it is woken, reads from the window,
/// and learns that it is too late when the window has moved on. So a slow watcher costs a writer nothing and no memory.
/// </summary>
internal sealed class ObjectCollection(string id, int window, long began, Lock gate, TimeProvider time)
{
    /// <summary>What a window may keep alive, whatever its objects' sizes; roughly, see <see cref="StoredObject.Weight"/>.</summary>
    private const long MostWeight = 32 << 20;

    /// <summary>What a watcher takes at once may be kept alive by it for as long as its client does not read.</summary>
    private const long MostAtOnce = 256 << 10;

    private readonly History history = new();
    private readonly WatcherBell bell = new(gate, time);
    private ObjectState initial = ObjectState.Empty;
    private long forgotten = began;
    private long weight;
    private int sinceAllWereWoken;

    public string Id { get; } = id;

    public ObjectState State { get; private set; } = ObjectState.Empty;

    /// <summary>Where the collection itself has gone (its definition was deleted), watches end.</summary>
    public bool Closed { get; private set; }

    public void Append(StoreEvent written)
    {
        State = written.After is { } now ? State.With(now) : State.Without(written.Subject.Key);
        history.Add(written, State);
        weight += written.Subject.Weight;
        while (history.Count > window || (weight > MostWeight && history.Count > 1))
        {
            (var old, initial) = history.RemoveFirst();
            forgotten = old.Revision;
            weight -= old.Subject.Weight;
        }

        Wake(written.Subject.Namespace);
    }

    /// <summary>What stood before a restart; the writes that led to it are not known any more.</summary>
    public void Restore(IEnumerable<StoredObject> found) => initial = State = ObjectState.Of(found);

    public void ForgetHistory(long until)
    {
        history.Clear();
        weight = 0;
        initial = State;
        forgotten = until;
    }

    public void Close()
    {
        Closed = true;
        bell.RingAll();
    }

    /// <summary>The state as of a revision; null when the window no longer reaches back so far.</summary>
    public ObjectState? StateAt(long revision)
    {
        lock (gate)
        {
            if (revision < forgotten)
                return null;
            var after = history.FirstAfter(revision);
            return after == 0 ? initial : history.StateAfter(after - 1);
        }
    }

    /// <summary>What was written to a namespace (empty: to any) after a revision, oldest first, or why it cannot be told.</summary>
    public WatchRead ReadAfter(long revision, string ns, long current)
    {
        lock (gate)
        {
            if (revision < forgotten)
                return WatchRead.TooOld;
            List<StoreEvent>? events = null;
            long taken = 0;
            for (var i = history.FirstAfter(revision); i < history.Count && taken < MostAtOnce; i++)
            {
                var written = history[i];
                if (ns.Length > 0 && written.Subject.Namespace != ns)
                    continue;
                (events ??= []).Add(written);
                taken += written.Subject.Weight;
            }

            if (events is null)
                return Closed ? WatchRead.Ended : new WatchRead([], Math.Max(revision, current), bell.Next(ns));
            return new WatchRead(events, taken < MostAtOnce ? Math.Max(revision, current) : events[^1].Revision, Task.CompletedTask);
        }
    }

    /// <summary>
    /// Who watches a namespace in which nothing happens must not be left behind by the window: from time to time all are
    /// woken, only to come to the present revision.
    /// </summary>
    private void Wake(string ns)
    {
        if (++sinceAllWereWoken < history.Count / 8)
        {
            bell.Ring(ns);
            return;
        }

        sinceAllWereWoken = 0;
        bell.RingAll();
    }
}
