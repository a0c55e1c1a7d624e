namespace Mesh.Sidecar.Connections;

/// <summary>Ends a splice that is idle or too old. Traffic only notes the time; the one timer looks at the note when it fires.</summary>
internal sealed class SpliceWatch : IDisposable
{
    private readonly SpliceLimits limits;
    private readonly TimeProvider time;
    private readonly Action<SpliceEnd> end;
    private readonly long started;
    private readonly ITimer? timer;
    private long active;

    public SpliceWatch(SpliceLimits limits, TimeProvider time, Action<SpliceEnd> end)
    {
        (this.limits, this.time, this.end) = (limits, time, end);
        started = active = time.GetTimestamp();
        if (Remaining() is not { } first) return;
        timer = time.CreateTimer(static watch => ((SpliceWatch)watch!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(first, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Bytes went by.</summary>
    public void Active() => Volatile.Write(ref active, time.GetTimestamp());

    public void Dispose() => timer?.Dispose();

    private void Look()
    {
        if (limits.Age is { } age && time.GetElapsedTime(started) >= age) end(SpliceEnd.TooOld);
        else if (limits.Idle > TimeSpan.Zero && time.GetElapsedTime(Volatile.Read(ref active)) >= limits.Idle) end(SpliceEnd.Idle);
        else timer!.Change(Remaining()!.Value, Timeout.InfiniteTimeSpan);
    }

    // A timer takes neither longer times than weeks nor, without firing for ever within one tick of a coarse clock, none.
    private TimeSpan? Remaining()
    {
        TimeSpan? left = limits.Idle > TimeSpan.Zero ? limits.Idle - time.GetElapsedTime(Volatile.Read(ref active)) : null;
        if (limits.Age is { } age && (left is null || age - time.GetElapsedTime(started) < left)) left = age - time.GetElapsedTime(started);
        return left is null ? null : TimeSpan.FromTicks(Math.Clamp(left.Value.Ticks, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerDay));
    }
}
