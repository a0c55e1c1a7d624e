namespace Mesh.Benchmarks;

/// <summary>Half and 99 of 100 of what was measured.</summary>
internal static class Shares
{
    /// <summary>Of values.</summary>
    public static (double P50, double P99) Of(IReadOnlyList<double> values) => (At(values, 0.5), At(values, 0.99));

    /// <summary>Of what came to a histogram of seconds between two looks at it, in milliseconds: upper bounds.</summary>
    public static (double P50, double P99) Of(SortedDictionary<double, double> before, SortedDictionary<double, double> after)
    {
        var counts = after.Select(bucket => (bucket.Key, Count: bucket.Value - before.GetValueOrDefault(bucket.Key))).ToList();
        double At(double share) => counts.Count == 0 || counts[^1].Count == 0 ? double.NaN : counts.First(bucket => bucket.Count >= counts[^1].Count * share).Key * 1000;
        return (At(0.5), At(0.99));
    }

    private static double At(IReadOnlyList<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }
}
