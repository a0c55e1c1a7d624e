using Mesh.Config;
using Mesh.Sidecar.Filters;
using Mesh.Sidecar.Health;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.Retry;

public sealed class RetryDeciderTests
{
    // Rows: condition. Columns: outcomes. The one table of what is worth another try.
    [Theory]
    //                                  connect refused before reset  pertry 500    502    503    409    404
    [InlineData("connect-failure",      true,   false,  false, false, false, false, false, false, false, false)]
    [InlineData("refused-stream",       false,  true,   false, false, false, false, false, false, false, false)]
    [InlineData("reset-before-request", true,   false,  true,  false, false, false, false, false, false, false)]
    [InlineData("reset",                true,   true,   true,  true,  true,  false, false, false, false, false)]
    [InlineData("5xx",                  true,   true,   true,  true,  true,  true,  true,  true,  false, false)]
    [InlineData("gateway-error",        true,   true,   true,  true,  true,  false, true,  true,  false, false)]
    [InlineData("retriable-4xx",        false,  false,  false, false, false, false, false, false, true,  false)]
    [InlineData("unavailable",          false,  false,  false, false, false, false, false, false, false, false)]
    public void A_condition_covers_these_outcomes(
        string condition, bool connect, bool refused, bool before, bool reset, bool perTry, bool s500, bool s502, bool s503, bool s409, bool s404)
    {
        var terms = Terms(condition);
        Assert.Equal(connect, terms.Covers(AttemptOutcome.Failed(AttemptFailure.ConnectFailure)));
        Assert.Equal(refused, terms.Covers(AttemptOutcome.Failed(AttemptFailure.RefusedStream)));
        Assert.Equal(before, terms.Covers(AttemptOutcome.Failed(AttemptFailure.ResetBeforeRequest)));
        Assert.Equal(reset, terms.Covers(AttemptOutcome.Failed(AttemptFailure.Reset)));
        Assert.Equal(perTry, terms.Covers(AttemptOutcome.Failed(AttemptFailure.PerTryTimeout)));
        Assert.Equal(s500, terms.Covers(AttemptOutcome.Response(500)));
        Assert.Equal(s502, terms.Covers(AttemptOutcome.Response(502)));
        Assert.Equal(s503, terms.Covers(AttemptOutcome.Response(503)));
        Assert.Equal(s409, terms.Covers(AttemptOutcome.Response(409)));
        Assert.Equal(s404, terms.Covers(AttemptOutcome.Response(404)));
    }

    [Theory]
    [InlineData("cancelled", 1)]
    [InlineData("deadline-exceeded", 4)]
    [InlineData("resource-exhausted", 8)]
    [InlineData("internal", 13)]
    [InlineData("unavailable", 14)]
    public void A_grpc_condition_covers_its_status_and_no_other(string condition, int status)
    {
        for (var code = 0; code <= 16; code++) Assert.Equal(code == status, Terms(condition).Covers(AttemptOutcome.Response(200, code)));
    }

    [Fact]
    public void Status_codes_given_are_covered()
    {
        var terms = RetryTerms.Of(new RetryPolicy { Attempts = 2, StatusCodes = [404, 418] });
        Assert.True(terms.Covers(AttemptOutcome.Response(404)));
        Assert.True(terms.Covers(AttemptOutcome.Response(418)));
        Assert.False(terms.Covers(AttemptOutcome.Response(503)));
    }

    [Fact]
    public void An_overloaded_peer_is_not_asked_again()
    {
        Assert.False(Terms("5xx").Covers(new AttemptOutcome(AttemptFailure.None, 503, Overloaded: true)));
    }

    [Theory]
    [InlineData("5xx", 503, false)]
    [InlineData("retriable-4xx", 409, false)]
    [InlineData("envoy-ratelimited", 429, true)]
    [InlineData("envoy-ratelimited", 503, true)]
    public void A_rate_limited_response_is_tried_again_only_where_that_is_named(string condition, int status, bool covered)
    {
        var limited = new AttemptOutcome(AttemptFailure.None, status, RateLimited: true);
        Assert.Equal(covered, Terms(condition).Covers(limited));
        Assert.False((Terms("gateway-error") with { StatusCodes = [status] }).Covers(limited));
        Assert.False(Terms("envoy-ratelimited").Covers(AttemptOutcome.Response(status)));
        Assert.False(Terms(condition).Covers(limited with { Overloaded = true }));
    }

    [Fact]
    public void A_response_with_a_header_the_caller_named_is_covered()
    {
        var marked = new AttemptOutcome(AttemptFailure.None, 200, HasRetriableHeader: true);
        Assert.True(Terms("retriable-headers").Covers(marked));
        Assert.False(Terms("retriable-headers").Covers(AttemptOutcome.Response(200)));
        Assert.False(Terms("5xx").Covers(marked));
    }

    [Fact]
    public void A_budget_with_an_interval_counts_what_ended_within_it()
    {
        var clock = new FakeTimeProvider();
        var cluster = new ClusterState("c");
        var budget = new RetryBudget { Percent = 50, MinConcurrency = 0, Interval = TimeSpan.FromSeconds(10) };
        cluster.Begin();
        for (var i = 0; i < 3; i++) cluster.Recent.Add(budget.Interval, clock);

        // Half of one under way and three that ended: two.
        Assert.Equal([RetryVerdict.Retry, RetryVerdict.Retry, RetryVerdict.OverBudget], [Ask(), Ask(), Ask()]);
        cluster.EndRetry();
        cluster.EndRetry();
        clock.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal(RetryVerdict.OverBudget, Ask());

        RetryVerdict Ask() => RetryDecider.Decide(Terms("5xx"), AttemptOutcome.Response(500), 1, cluster, budget, clock);
    }

    [Fact]
    public void Istios_default_does_not_retry_a_503()
    {
        var terms = Terms("connect-failure", "refused-stream", "unavailable", "cancelled");
        Assert.False(terms.Covers(AttemptOutcome.Response(503)));
        Assert.False(terms.Covers(AttemptOutcome.Failed(AttemptFailure.Reset)));
        Assert.True(terms.Covers(AttemptOutcome.Failed(AttemptFailure.ConnectFailure)));
    }

    [Fact]
    public void Attempts_counts_tries_after_the_first()
    {
        var cluster = new ClusterState("c");
        var terms = Terms("5xx") with { Attempts = 2 };
        var bad = AttemptOutcome.Response(500);

        Assert.Equal(RetryVerdict.Retry, RetryDecider.Decide(terms, bad, 1, cluster, new RetryBudget(), TimeProvider.System));
        cluster.EndRetry();
        Assert.Equal(RetryVerdict.Retry, RetryDecider.Decide(terms, bad, 2, cluster, new RetryBudget(), TimeProvider.System));
        cluster.EndRetry();
        Assert.Equal(RetryVerdict.LimitReached, RetryDecider.Decide(terms, bad, 3, cluster, new RetryBudget(), TimeProvider.System));
        Assert.Equal(RetryVerdict.Done, RetryDecider.Decide(terms, AttemptOutcome.Response(200), 1, cluster, new RetryBudget(), TimeProvider.System));
        Assert.Equal(RetryVerdict.Done, RetryDecider.Decide(RetryTerms.None, bad, 1, cluster, new RetryBudget(), TimeProvider.System));
    }

    [Theory]
    [InlineData(0, 20, 3, 3)] // always the minimum
    [InlineData(10, 20, 3, 3)]
    [InlineData(15, 20, 3, 3)]
    [InlineData(20, 20, 3, 4)]
    [InlineData(1000, 20, 3, 200)]
    [InlineData(1000, 0, 0, 0)]
    public void A_budget_is_the_greater_of_share_and_minimum(int active, double percent, int minimum, int limit)
    {
        Assert.Equal(limit, RetryDecider.LimitOf(new RetryBudget { Percent = percent, MinConcurrency = minimum }, active));
    }

    [Fact]
    public void Retries_under_way_are_bounded_by_the_budget()
    {
        var cluster = new ClusterState("c");
        for (var i = 0; i < 20; i++) cluster.Begin();
        var verdicts = Enumerable.Range(0, 10)
            .Select(_ => RetryDecider.Decide(Terms("5xx"), AttemptOutcome.Response(500), 1, cluster, new RetryBudget(), TimeProvider.System))
            .ToArray();

        Assert.Equal(4, verdicts.Count(verdict => verdict == RetryVerdict.Retry));
        Assert.Equal(6, verdicts.Count(verdict => verdict == RetryVerdict.OverBudget));
        Assert.Equal(4, cluster.Retrying);
        Assert.Equal(6, cluster.RetriesOverBudget);

        cluster.EndRetry();
        Assert.Equal(RetryVerdict.Retry, RetryDecider.Decide(Terms("5xx"), AttemptOutcome.Response(500), 1, cluster, new RetryBudget(), TimeProvider.System));
    }

    [Fact]
    public void A_connection_that_failed_is_free_of_the_budget()
    {
        var cluster = new ClusterState("c");
        var verdicts = Enumerable.Range(0, 50).Select(_ => RetryDecider.Decide(Terms("connect-failure"), AttemptOutcome.Failed(AttemptFailure.ConnectFailure), 1, cluster, new RetryBudget { MinConcurrency = 0 }, TimeProvider.System));
        Assert.All(verdicts, verdict => Assert.Equal(RetryVerdict.Retry, verdict));
    }

    [Fact]
    public void Many_at_once_never_exceed_the_budget()
    {
        var cluster = new ClusterState("c");
        var most = 0;
        Parallel.For(0, 100_000, _ =>
        {
            if (RetryDecider.Decide(Terms("5xx"), AttemptOutcome.Response(500), 1, cluster, new RetryBudget { MinConcurrency = 2 }, TimeProvider.System) != RetryVerdict.Retry) return;
            var now = Interlocked.Increment(ref most);
            Assert.InRange(now, 1, 2);
            Interlocked.Decrement(ref most);
            cluster.EndRetry();
        });
        Assert.Equal(0, cluster.Retrying);
    }

    private static RetryTerms Terms(params string[] conditions) => RetryTerms.Of(new RetryPolicy
    {
        Attempts = 2,
        RetryOn = [.. conditions.Select(name => RetryConditionNames.Find(name)!.Value)],
    });
}
