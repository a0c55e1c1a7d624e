using Mesh.Config;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Tests.Health;

public sealed class CircuitBreakerTests
{
    [Fact]
    public void Requests_over_the_limit_are_refused_and_a_free_place_is_given_again()
    {
        var breaker = new CircuitBreaker();
        var limits = new ConnectionPool { MaxRequests = 2 };
        var first = breaker.TryEnter(limits, isHttp1: true, mustDial: false)!;
        Assert.NotNull(breaker.TryEnter(limits, isHttp1: false, mustDial: false));
        Assert.Null(breaker.TryEnter(limits, isHttp1: true, mustDial: false));
        first.Dispose();

        Assert.NotNull(breaker.TryEnter(limits, isHttp1: true, mustDial: false));
        Assert.Equal(1, breaker.PendingOverflow);
    }

    [Fact]
    public void A_request_waits_for_a_connection_and_goes_on_in_turn()
    {
        var breaker = new CircuitBreaker();
        var limits = new ConnectionPool { MaxConnections = 1 };
        var first = breaker.TryEnter(limits, isHttp1: true, mustDial: false)!;
        var second = breaker.TryEnter(limits, isHttp1: true, mustDial: false)!;
        var third = breaker.TryEnter(limits, isHttp1: true, mustDial: false)!;
        Assert.True(first.Turn.IsCompleted);
        Assert.Equal(2, breaker.Pending);
        first.Dispose();

        Assert.True(second.Turn.IsCompletedSuccessfully);
        Assert.False(third.Turn.IsCompleted);
        Assert.Equal((1, 1, 1), (breaker.Requests, breaker.Connections, breaker.Pending));
        second.Dispose();
        third.Dispose();
        Assert.Equal((0, 0, 0), (breaker.Requests, breaker.Connections, breaker.Pending));
    }

    [Fact]
    public void Too_many_that_wait_are_refused()
    {
        var breaker = new CircuitBreaker();
        var limits = new ConnectionPool { MaxConnections = 1, MaxPendingRequests = 1 };
        Assert.NotNull(breaker.TryEnter(limits, isHttp1: true, mustDial: false));
        var waiting = breaker.TryEnter(limits, isHttp1: true, mustDial: false)!;
        Assert.Null(breaker.TryEnter(limits, isHttp1: true, mustDial: false));
        waiting.Dispose(); // its client went away

        Assert.NotNull(breaker.TryEnter(limits, isHttp1: true, mustDial: false));
        Assert.Equal((1, 3), (breaker.PendingOverflow, breaker.ConnectionOverflow));
    }

    [Fact]
    public void Requests_for_which_a_connection_is_opened_wait_too()
    {
        var breaker = new CircuitBreaker();
        var limits = new ConnectionPool { MaxPendingRequests = 1 };
        var first = breaker.TryEnter(limits, isHttp1: true, mustDial: true)!;
        Assert.Null(breaker.TryEnter(limits, isHttp1: true, mustDial: true));
        Assert.NotNull(breaker.TryEnter(limits, isHttp1: true, mustDial: false));
        first.Connected();
        first.Connected();

        Assert.Equal(0, breaker.Pending);
        Assert.NotNull(breaker.TryEnter(limits, isHttp1: true, mustDial: true));
    }

    [Fact]
    public void Http2_shares_connections()
    {
        var breaker = new CircuitBreaker();
        var limits = new ConnectionPool { MaxConnections = 1, MaxPendingRequests = 0 };
        Assert.NotNull(breaker.TryEnter(limits, isHttp1: false, mustDial: false));
        Assert.NotNull(breaker.TryEnter(limits, isHttp1: false, mustDial: false));
    }

    [Fact]
    public void A_place_is_given_back_once_however_often_it_is_disposed()
    {
        var breaker = new CircuitBreaker();
        var place = breaker.TryEnter(new ConnectionPool { MaxConnections = 5 }, isHttp1: true, mustDial: true)!;
        place.Dispose();
        place.Dispose();

        Assert.Equal((0, 0, 0), (breaker.Requests, breaker.Connections, breaker.Pending));
    }

    [Fact]
    public void From_many_threads_never_more_than_the_limit_are_let_in()
    {
        var breaker = new CircuitBreaker();
        var limits = new ConnectionPool { MaxConnections = 3, MaxPendingRequests = 4, MaxRequests = 5 };
        var (inside, most) = (0, 0);
        Parallel.For(0, 2000, _ =>
        {
            using var place = breaker.TryEnter(limits, isHttp1: true, mustDial: false);
            if (place is not { Turn.IsCompleted: true }) return;
            var now = Interlocked.Increment(ref inside);
            lock (breaker) most = Math.Max(most, now);
            Interlocked.Decrement(ref inside);
        });

        Assert.True(most <= 3);
        Assert.Equal((0, 0, 0), (breaker.Requests, breaker.Connections, breaker.Pending));
    }
}
