using Mesh.Sidecar.Forwarding;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.Forwarding;

public sealed class TryClockTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void Nothing_runs_before_the_whole_request_is_here()
    {
        using var clock = Clock(timeout: 10, perTry: 2);
        clock.BeginTry();
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(clock.Token.IsCancellationRequested);

        clock.Start();
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(clock.Token.IsCancellationRequested);
        Assert.False(clock.IsOver);
    }

    [Fact]
    public void Each_try_has_its_own_time_and_all_together_the_routes()
    {
        using var clock = Clock(timeout: 5, perTry: 2);
        clock.Start();
        clock.BeginTry();
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(clock.Token.IsCancellationRequested);

        clock.BeginTry();
        Assert.False(clock.Token.IsCancellationRequested);
        time.Advance(TimeSpan.FromSeconds(2));
        clock.BeginTry();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(clock.Token.IsCancellationRequested);
        Assert.True(clock.IsOver);
    }

    [Fact]
    public void Response_headers_end_the_time_of_the_try_and_not_that_of_the_route()
    {
        using var clock = Clock(timeout: 5, perTry: 2);
        clock.Start();
        clock.BeginTry();
        clock.HeadersArrived();
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(clock.Token.IsCancellationRequested);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(clock.Token.IsCancellationRequested);
    }

    [Fact]
    public void A_tunnel_has_no_limit()
    {
        using var clock = Clock(timeout: 5, perTry: 2);
        clock.Start();
        clock.BeginTry();
        clock.Disarm();
        time.Advance(TimeSpan.FromDays(1));
        Assert.False(clock.Token.IsCancellationRequested);
    }

    private TryClock Clock(int timeout, int perTry) => new(TimeSpan.FromSeconds(timeout), TimeSpan.FromSeconds(perTry), time);
}
