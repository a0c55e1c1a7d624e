using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.Health;

public sealed class DeadlineTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public void A_deadline_comes_nearer_and_passes()
    {
        var deadline = Deadline.After(TimeSpan.FromSeconds(2), clock);
        Assert.Equal(TimeSpan.FromSeconds(2), deadline.Remaining(clock));
        clock.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(TimeSpan.FromSeconds(0.5), deadline.Remaining(clock));
        Assert.False(deadline.IsPassed(clock));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, deadline.Remaining(clock));
        Assert.True(deadline.IsPassed(clock));
    }

    [Fact]
    public void No_limit_never_passes()
    {
        Assert.True(Deadline.After(null, clock).IsNone);
        Assert.True(Deadline.After(TimeSpan.MaxValue, clock).IsNone);
        Assert.False(Deadline.None.IsPassed(clock));
        Assert.Equal(Timeout.InfiniteTimeSpan, Deadline.None.Remaining(clock));
    }
}
