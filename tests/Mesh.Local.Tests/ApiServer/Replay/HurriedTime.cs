namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>
/// The wall clock is right, but timers and measured durations run faster: a bookmark a minute comes every few seconds, so a
/// recording that waited for it can be replayed in a test.
/// </summary>
internal sealed class HurriedTime(int factor) : TimeProvider
{
    public override long GetTimestamp() => System.GetTimestamp() * factor;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Hurried(System.CreateTimer(callback, state, Hurry(dueTime), Hurry(period)), this);

    private TimeSpan Hurry(TimeSpan time) => time > TimeSpan.Zero ? time / factor : time;

    private sealed class Hurried(ITimer timer, HurriedTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(time.Hurry(dueTime), time.Hurry(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
