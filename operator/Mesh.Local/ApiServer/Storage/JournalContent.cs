namespace Mesh.Local.ApiServer.Storage;

/// <summary>What a journal comes to: the objects that stand, by resource, and the last revision.</summary>
internal sealed class JournalContent
{
    private readonly Dictionary<string, Dictionary<string, StoredObject>> objects = new(StringComparer.Ordinal);

    public long Revision { get; private set; }

    public IEnumerable<(string Id, IReadOnlyCollection<StoredObject> Objects)> Objects =>
        objects.Select(pair => (pair.Key, (IReadOnlyCollection<StoredObject>)pair.Value.Values));

    public void Take(ReadOnlySpan<byte> record)
    {
        var (happened, revision, id, key, bytesFrom) = JournalRecord.Read(record);
        Revision = Math.Max(Revision, revision);
        if (id.Length == 0)
            return;
        if (!objects.TryGetValue(id, out var collection))
            objects[id] = collection = new Dictionary<string, StoredObject>(StringComparer.Ordinal);
        if (happened == JournalRecord.Stands)
            collection[key] = new StoredObject(record[bytesFrom..], revision);
        else
            collection.Remove(key);
    }
}
