namespace Mesh.Local.ApiServer.Http;

/// <summary>
/// When a watch that takes bookmarks gets one: each minute, and shortly before its time is up, so that the next watch can go on
/// from a recent revision.
/// </summary>
internal sealed class BookmarkSchedule
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BeforeEnd = TimeSpan.FromSeconds(2);

    private readonly TimeProvider time;
    private readonly long start;
    private readonly TimeSpan last;
    private TimeSpan next;

    public BookmarkSchedule(TimeProvider time, TimeSpan timeout)
    {
        this.time = time;
        start = time.GetTimestamp();
        last = timeout - BeforeEnd;
        next = After(TimeSpan.Zero);
    }

    /// <summary>Infinite once the last one is past.</summary>
    public TimeSpan UntilNext => next == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : Later(next - time.GetElapsedTime(start));

    public bool TakeDue()
    {
        var now = time.GetElapsedTime(start);
        if (now < next)
            return false;
        next = After(now);
        return true;
    }

    private TimeSpan After(TimeSpan now)
    {
        if (last > now && last < now + Interval)
            return last;
        return now >= last ? TimeSpan.MaxValue : now + Interval;
    }

    private static TimeSpan Later(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.FromMilliseconds(1);
}
