using Mesh.Sidecar.Health;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.Health;

public sealed class RecentRequestsTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider clock = new();
    private readonly RecentRequests recent = new();

    [Fact]
    public void A_request_counts_for_the_interval_and_at_most_a_tenth_longer()
    {
        Ended(1);
        clock.Advance(Interval);
        Assert.Equal(1, Count());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, Count());
    }

    [Fact]
    public void They_leave_one_tenth_after_the_other()
    {
        for (var second = 0; second < 10; second++)
        {
            Ended(second + 1);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(55, Count());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(54, Count());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(52, Count());
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, Count());
    }

    [Fact]
    public void Another_interval_begins_anew()
    {
        Ended(5);
        Assert.Equal(0, recent.Within(TimeSpan.FromSeconds(3), clock));
    }

    [Fact]
    public void None_is_lost_when_many_end_at_once()
    {
        Parallel.For(0, 10_000, _ => recent.Add(Interval, clock));
        Assert.Equal(10_000, Count());
    }

    private void Ended(int number)
    {
        for (var i = 0; i < number; i++) recent.Add(Interval, clock);
    }

    private int Count() => recent.Within(Interval, clock);
}
