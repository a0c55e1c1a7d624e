namespace Mesh.Sidecar;

/// <summary>How long to wait before the operator is tried again.</summary>
internal static class Pauses
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Doubles with each attempt, and half of it is chance: a whole mesh must not knock at once when the operator returns.</summary>
    public static TimeSpan After(int attempt, Random random)
    {
        var full = First * Math.Pow(2, Math.Min(attempt, 10));
        return Jitter(full < Longest ? full : Longest, 0.5, random);
    }

    /// <summary>The time, shorter or longer by up to this share.</summary>
    public static TimeSpan Jitter(TimeSpan about, double share, Random random) => about * (1 - share + (2 * share * random.NextDouble()));
}
