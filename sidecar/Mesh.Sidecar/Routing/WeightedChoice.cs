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

    /// <summary>Draws; <c>null</c> when there is nothing to draw.</summary>
    public T? Draw(Random random)
    {
        if (only is not null) return only;
        if (items.IsEmpty) return null;
        var ticket = random.NextInt64(bounds[^1]);
        var index = 0;
        while (ticket >= bounds[index]) index++;
        return items[index];
    }
}
