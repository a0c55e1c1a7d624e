using System.Collections.Immutable;

namespace Mesh.Local.ApiServer.Storage;

/// <summary>
/// All objects of one resource at one moment, in the order of their keys. It never changes: a write makes another that shares
/// all but a few nodes of it. A namespace is a stretch of it, found without looking at the others, and so is a page.
/// </summary>
internal sealed class ObjectState
{
    private readonly ImmutableList<StoredObject> items;

    private ObjectState(ImmutableList<StoredObject> items) => this.items = items;

    public static ObjectState Empty { get; } = new([]);

    public int Count => items.Count;

    public IEnumerable<StoredObject> Values => items;

    public static ObjectState Of(IEnumerable<StoredObject> objects) =>
        new([.. objects.OrderBy(item => item.Key, StringComparer.Ordinal)]);

    public StoredObject? GetValueOrDefault(string key)
    {
        var place = Search(key);
        return place < 0 ? null : items[place];
    }

    /// <summary>The place of the first object whose key is not below this one.</summary>
    public int PlaceOf(string key)
    {
        var place = Search(key);
        return place < 0 ? ~place : place;
    }

    /// <summary>The places of a namespace's objects (empty: of all), the second not among them.</summary>
    public (int From, int To) Stretch(string ns) => ns.Length == 0
        ? (0, items.Count)
        // '0' is what follows '/'.
        : (PlaceOf(ns + "/"), PlaceOf(ns + "0"));

    /// <summary>The objects of a stretch, one after the other.</summary>
    public IEnumerable<StoredObject> Between(int from, int to)
    {
        if (from == 0 && to == items.Count)
            return items;
        return Enumerable.Range(from, Math.Max(0, to - from)).Select(place => items[place]);
    }

    public IEnumerable<StoredObject> InNamespace(string ns)
    {
        var (from, to) = Stretch(ns);
        return Between(from, to);
    }

    public ObjectState With(StoredObject item)
    {
        var place = Search(item.Key);
        return new(place < 0 ? items.Insert(~place, item) : items.SetItem(place, item));
    }

    public ObjectState Without(string key)
    {
        var place = Search(key);
        return place < 0 ? this : new(items.RemoveAt(place));
    }

    private int Search(string key) => items.BinarySearch(null!, new ByKey(key));

    /// <summary>Compares with a key instead of with an object; the object that is asked for is null.</summary>
    private sealed class ByKey(string key) : IComparer<StoredObject>
    {
        public int Compare(StoredObject? x, StoredObject? y) => string.CompareOrdinal(x?.Key ?? key, y?.Key ?? key);
    }
}
