namespace Mesh.Sidecar;

/// <summary>A moment by which something must be done, on the monotonic clock of a <see cref="TimeProvider"/>.</summary>
/// <param name="Timestamp">As of <see cref="TimeProvider.GetTimestamp"/>; 0 is none.</param>
public readonly record struct Deadline(long Timestamp)
{
    /// <summary>No limit.</summary>
    public static Deadline None => default;

    /// <summary>Whether there is no limit.</summary>
    public bool IsNone => Timestamp == 0;

    /// <summary>This long from now; <c>null</c> or nothing is none.</summary>
    public static Deadline After(TimeSpan? limit, TimeProvider clock)
    {
        if (limit is not { } span || span <= TimeSpan.Zero) return None;
        var ticks = span.TotalSeconds * clock.TimestampFrequency;
        var now = clock.GetTimestamp();
        return ticks >= long.MaxValue - now ? None : new Deadline(Math.Max(1, now + (long)ticks));
    }

    /// <summary>Time left, zero when passed; <see cref="Timeout.InfiniteTimeSpan"/> without limit.</summary>
    public TimeSpan Remaining(TimeProvider clock)
    {
        if (IsNone) return Timeout.InfiniteTimeSpan;
        var left = clock.GetElapsedTime(clock.GetTimestamp(), Timestamp);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Whether it has passed.</summary>
    public bool IsPassed(TimeProvider clock) => !IsNone && clock.GetTimestamp() >= Timestamp;
}
