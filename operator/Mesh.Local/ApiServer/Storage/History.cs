namespace Mesh.Local.ApiServer.Storage;

/// <summary>Writes in the order of their revisions, each with the state it led to: a ring that grows, found by revision.</summary>
internal sealed class History
{
    private (StoreEvent Event, ObjectState State)[] ring = new (StoreEvent, ObjectState)[16];
    private int first;

    public int Count { get; private set; }

    public StoreEvent this[int index] => ring[At(index)].Event;

    public ObjectState StateAfter(int index) => ring[At(index)].State;

    public void Add(StoreEvent written, ObjectState state)
    {
        if (Count == ring.Length)
            Grow();
        ring[At(Count++)] = (written, state);
    }

    public (StoreEvent Event, ObjectState State) RemoveFirst()
    {
        var removed = ring[first];
        ring[first] = default;
        first = At(1);
        Count--;
        return removed;
    }

    public void Clear()
    {
        Array.Clear(ring);
        (first, Count) = (0, 0);
    }

    /// <summary>The place of the first write after a revision; <see cref="Count"/> when there is none.</summary>
    public int FirstAfter(long revision)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (this[middle].Revision > revision)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private int At(int index) => (first + index) & (ring.Length - 1);

    private void Grow()
    {
        var larger = new (StoreEvent, ObjectState)[ring.Length * 2];
        for (var i = 0; i < Count; i++)
            larger[i] = ring[At(i)];
        (ring, first) = (larger, 0);
    }
}
