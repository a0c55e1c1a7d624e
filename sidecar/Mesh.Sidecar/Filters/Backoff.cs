namespace Mesh.Sidecar.Filters;

/// <summary>
/// Exponential back-off with full jitter: retry N waits anything in [0, (2^N - 1) * base), capped. Full jitter, because callers
/// that failed together must not come back together.
/// </summary>
/// <param name="Base">Base interval.</param>
/// <param name="Max">Cap.</param>
public sealed record Backoff(TimeSpan Base, TimeSpan Max)
{
    /// <summary>25 ms, capped at 250 ms.</summary>
    public static readonly Backoff Default = new(TimeSpan.FromMilliseconds(25), TimeSpan.FromMilliseconds(250));

    /// <summary>The wait before this retry; the first is 1.</summary>
    public TimeSpan Before(int retry, Random random)
    {
        // Past 2^20 every base above a microsecond has met any sensible cap.
        var factor = Math.Pow(2, Math.Min(retry, 20)) - 1;
        var bound = Math.Min(Base.Ticks * factor, Max.Ticks);
        return TimeSpan.FromTicks((long)(random.NextDouble() * bound));
    }
}
