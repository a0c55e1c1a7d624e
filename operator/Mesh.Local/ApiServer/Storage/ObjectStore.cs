using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Storage;

/// <summary>
/// What enters: whole objects with the revision they were read at. What leaves: frozen objects, ordered by one counter over
/// all resources, and the window of their changes. What never happens here: a decision about an object; the store knows
/// neither kinds nor users, and a write either stands wholly or was refused because somebody else wrote first.
/// </summary>
internal sealed class ObjectStore : IDisposable
{
    /// <summary>What etcd takes in one request, by default.</summary>
    private const int MostBytes = 3 * 512 * 1024;

    private readonly Lock gate = new();
    private readonly int window;
    private readonly Journal? journal;
    private long began;
    private readonly ConcurrentDictionary<string, ObjectCollection> collections = new(StringComparer.Ordinal);
    private long revision = 1;

    /// <summary>Objects in memory only, or, with the path of a journal, those it holds, and every write kept there.</summary>
    public ObjectStore(int window, string? keepAt = null)
    {
        this.window = window;
        if (keepAt is null)
            return;
        (journal, var found) = Journal.Open(keepAt);
        began = revision = Math.Max(1, found.Revision);
        foreach (var (id, objects) in found.Objects.Where(one => one.Objects.Count > 0))
        {
            Collection(id).Restore(objects);
            WasRestored = true;
        }

        journal.Rewrite(revision, Collections);
    }

    /// <summary>It began with objects of an earlier run.</summary>
    public bool WasRestored { get; }

    /// <summary>Called under the lock, so in the order of the writes: for followers inside this process, who only note it for later.</summary>
    public event Action<string, StoreEvent>? Written;

    public long Revision => Volatile.Read(ref revision);

    public IEnumerable<ObjectCollection> Collections => collections.Values;

    /// <summary>Its window begins now: what was written before, perhaps before a restart, cannot be told any more.</summary>
    public ObjectCollection Collection(string id) => collections.GetOrAdd(
        id, static (id, store) => new ObjectCollection(id, store.window, store.began, store.gate, TimeProvider.System), this);

    public StoredObject? Find(string id, string ns, string name) =>
        Collection(id).State.GetValueOrDefault(StoredObject.KeyOf(ns, name));

    /// <summary>A state and the revision it is good for, taken together.</summary>
    public (ObjectState State, long Revision) Snapshot(string id)
    {
        var collection = Collection(id);
        lock (gate)
            return (collection.State, revision);
    }

    /// <summary>
    /// Writes if the object still is as <paramref name="before"/> (null: not there); null when it is not. The revision is
    /// part of the document, so it is stamped here.
    /// </summary>
    public StoredObject? TryWrite(string id, StoredObject? before, JsonObject after)
    {
        var collection = Collection(id);
        StoreEvent written;
        lock (gate)
        {
            var key = StoredObject.KeyOf(after.Text("metadata", "namespace") ?? "", after.Text("metadata", "name") ?? "");
            if (!ReferenceEquals(collection.State.GetValueOrDefault(key), before))
                return null;
            var stored = StoredObject.Of(after, revision + 1);
            if (stored.Utf8.Length > MostBytes)
                throw new StatusException(500, null, "etcdserver: request is too large");
            journal?.Put(id, stored);
            written = new StoreEvent(revision + 1, before, stored);
            Stand(collection, written);
        }

        return written.After;
    }

    /// <summary>Removes if the object still is as given. The deletion has a revision of its own, and its event shows it.</summary>
    public StoredObject? TryRemove(string id, StoredObject before)
    {
        var collection = Collection(id);
        StoreEvent written;
        StoredObject last;
        lock (gate)
        {
            if (!ReferenceEquals(collection.State.GetValueOrDefault(before.Key), before))
                return null;
            last = StoredObject.Of(before.Edit(), revision + 1);
            journal?.Remove(id, last);
            written = new StoreEvent(revision + 1, last, null);
            Stand(collection, written);
        }

        return last;
    }

    public void Close(string id)
    {
        if (!collections.TryRemove(id, out var collection))
            return;
        lock (gate)
            collection.Close();
    }

    /// <summary>Past revisions can no longer be listed or watched from; what stands stays.</summary>
    public void ForgetHistory()
    {
        lock (gate)
            began = revision;
        foreach (var collection in collections.Values)
        {
            lock (gate)
                collection.ForgetHistory(revision);
        }
    }

    /// <summary>What was written to a namespace (empty: to any) after a revision.</summary>
    public WatchRead ReadAfter(ObjectCollection collection, long after, string ns)
    {
        lock (gate)
            return collection.ReadAfter(after, ns, revision);
    }

    public void Dispose() => journal?.Dispose();

    private void Stand(ObjectCollection collection, StoreEvent written)
    {
        Volatile.Write(ref revision, written.Revision);
        collection.Append(written);
        Written?.Invoke(collection.Id, written);
        if (journal is { IsWasteful: true })
            journal.Rewrite(revision, Collections);
    }
}
