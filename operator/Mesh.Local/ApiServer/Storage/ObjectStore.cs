using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Storage;

/// <summary>
/// What enters: whole objects with the revision they were read at. What leaves: frozen objects, ordered by one counter over
/// all resources, and the window of their changes. What never happens here: a decision about an object; the store knows
/// neither kinds nor users, and a write either stands wholly or was refused because somebody else wrote first.
/// </summary>
internal sealed class ObjectStore(int window)
{
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, ObjectCollection> collections = new(StringComparer.Ordinal);
    private long revision = 1;

    /// <summary>Called under the lock, so in the order of the writes: for followers inside this process, who only note it for later.</summary>
    public event Action<string, StoreEvent>? Written;

    public long Revision => Volatile.Read(ref revision);

    public IEnumerable<ObjectCollection> Collections => collections.Values;

    public ObjectCollection Collection(string id) =>
        collections.GetOrAdd(id, static (id, store) => new ObjectCollection(id, store.window, store.gate, TimeProvider.System), (window, gate));

    public StoredObject? Find(string id, string ns, string name) =>
        Collection(id).State.GetValueOrDefault(StoredObject.KeyOf(ns, name));

    /// <summary>A state and the revision it is good for, taken together.</summary>
    public (ImmutableSortedDictionary<string, StoredObject> State, long Revision) Snapshot(string id)
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
            written = new StoreEvent(revision + 1, before, StoredObject.Of(after, revision + 1));
            Volatile.Write(ref revision, written.Revision);
            collection.Append(written);
            Written?.Invoke(id, written);
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
            written = new StoreEvent(revision + 1, last, null);
            Volatile.Write(ref revision, written.Revision);
            collection.Append(written);
            Written?.Invoke(id, written);
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
}
