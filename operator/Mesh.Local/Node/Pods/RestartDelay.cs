namespace Mesh.Local.Node.Pods;

/// <summary>A kubelet's back-off: at once the first time, then 10 s doubling to 5 minutes; forgotten after 10 minutes of running.</summary>
internal sealed class RestartDelay
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(10);

    private TimeSpan _next = TimeSpan.Zero;

    public TimeSpan After(TimeSpan ran)
    {
        if (ran >= Forgiven) _next = TimeSpan.Zero;
        var delay = _next;
        _next = delay == TimeSpan.Zero ? First : TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, Longest.Ticks));
        return delay;
    }
}
