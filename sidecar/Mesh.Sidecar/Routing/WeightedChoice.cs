using System.Collections.Immutable;

namespace Mesh.Sidecar.Routing;

/// <summary>Draws one of several by weight: share = weight / sum. Weight 0 among several is never drawn; one alone always is.</summary>
public sealed class WeightedChoice<T>
    where T : class
{
    private readonly ImmutableArray<T> items;
    private readonly long[] bounds;
    private readonly T? only;

    /// <summary>A choice between items with these weights.</summary>
    public WeightedChoice(IReadOnlyList<T> items, Func<T, int> weight)
    {
        All = [.. items];
        this.items = items.Count == 1 ? All : [.. items.Where(item => weight(item) > 0)];
        only = this.items.Length == 1 ? this.items[0] : null;
        bounds = new long[this.items.Length];
        var sum = 0L;
        for (var i = 0; i < bounds.Length; i++) bounds[i] = sum += weight(this.items[i]);
    }

    /// <summary>Every item, also those of weight 0.</summary>
    public ImmutableArray<T> All { get; }

    /// <summary>Whether there is anything to choose between.</summary>
    public bool IsOpen => items.Length > 1;

    /// <summary>Draws; <c>null</c> when there is nothing to draw.</summary>
    public T? Draw(Random random)
    {
        if (only is not null) return only;
        return items.IsEmpty ? null : At(random.NextInt64(bounds[^1]));
    }

    /// <summary>The one at this place, from 0 up to 1: the same place is the same item as long as the weights stand, and moves little when they shift.</summary>
    public T? At(double place)
    {
        if (only is not null) return only;
        return items.IsEmpty ? null : At((long)(place * bounds[^1]));
    }

    private T At(long ticket)
    {
        var index = 0;
        while (ticket >= bounds[index]) index++;
        return items[index];
    }
}
