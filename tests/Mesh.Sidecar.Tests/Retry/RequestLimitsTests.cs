using Mesh.Config;
using Mesh.Sidecar.Filters;

namespace Mesh.Sidecar.Tests.Retry;

public sealed class RequestLimitsTests
{
    private static readonly RetryTerms Route = RetryTerms.Of(new RetryPolicy
    {
        Attempts = 2,
        PerTryTimeout = TimeSpan.FromSeconds(1),
        RetryOn = [RetryCondition.ConnectFailure],
    });

    private static readonly AttemptOutcome Bad = AttemptOutcome.Response(500);

    [Fact]
    public void Without_headers_the_route_stands()
    {
        var limits = RequestLimits.Of(TimeSpan.FromSeconds(5), Route, new HeaderList { { "accept", "*/*" } });
        Assert.Equal(TimeSpan.FromSeconds(5), limits.Timeout);
        Assert.Same(Route, limits.Retry);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.5)]
    public void A_per_try_timeout_not_below_the_timeout_is_ignored(double timeout)
    {
        Assert.Null(RequestLimits.Of(TimeSpan.FromSeconds(timeout), Route, new HeaderList()).Retry.PerTryTimeout);
        Assert.Equal(TimeSpan.FromSeconds(1), RequestLimits.Of(null, Route, new HeaderList()).Retry.PerTryTimeout);
    }

    [Fact]
    public void The_caller_may_set_timeouts()
    {
        var headers = new HeaderList { { "x-envoy-upstream-rq-timeout-ms", "3000" }, { "x-envoy-upstream-rq-per-try-timeout-ms", "200" } };
        var limits = RequestLimits.Of(TimeSpan.FromSeconds(5), Route, headers);

        Assert.Equal(TimeSpan.FromSeconds(3), limits.Timeout);
        Assert.Equal(TimeSpan.FromMilliseconds(200), limits.Retry.PerTryTimeout);
    }

    [Fact]
    public void A_timeout_of_zero_is_none()
    {
        Assert.Null(RequestLimits.Of(TimeSpan.FromSeconds(5), Route, new HeaderList { { "x-envoy-upstream-rq-timeout-ms", "0" } }).Timeout);
    }

    [Fact]
    public void The_caller_may_add_conditions_and_set_the_number()
    {
        var limits = RequestLimits.Of(null, Route, new HeaderList { { "x-envoy-retry-on", "5xx, reset" }, { "x-envoy-max-retries", "5" } });

        Assert.Equal(5, limits.Retry.Attempts);
        Assert.True(limits.Retry.Covers(Bad));
        Assert.True(limits.Retry.Covers(AttemptOutcome.Failed(AttemptFailure.ConnectFailure)));
        Assert.True(limits.Retry.Covers(AttemptOutcome.Failed(AttemptFailure.Reset)));
    }

    [Fact]
    public void Conditions_where_the_route_has_none_mean_one_further_try()
    {
        Assert.Equal(1, RequestLimits.Of(null, RetryTerms.None, new HeaderList { { "x-envoy-retry-on", "5xx" } }).Retry.Attempts);
        Assert.Equal(1, RequestLimits.Of(null, RetryTerms.None, new HeaderList { { "x-envoy-retry-grpc-on", "unavailable" } }).Retry.Attempts);
    }

    [Fact]
    public void A_number_without_conditions_means_nothing()
    {
        Assert.Same(RetryTerms.None, RequestLimits.Of(null, RetryTerms.None, new HeaderList { { "x-envoy-max-retries", "5" } }).Retry);
    }

    [Fact]
    public void A_number_of_zero_turns_retries_off()
    {
        Assert.Equal(0, RequestLimits.Of(null, Route, new HeaderList { { "x-envoy-max-retries", "0" } }).Retry.Attempts);
    }

    [Fact]
    public void Status_codes_count_when_the_condition_is_named()
    {
        var named = new HeaderList { { "x-envoy-retry-on", "retriable-status-codes" }, { "x-envoy-retriable-status-codes", "404, 418" } };
        Assert.True(RequestLimits.Of(null, RetryTerms.None, named).Retry.Covers(AttemptOutcome.Response(418)));

        var unnamed = new HeaderList { { "x-envoy-retry-on", "5xx" }, { "x-envoy-retriable-status-codes", "418" } };
        Assert.False(RequestLimits.Of(null, RetryTerms.None, unnamed).Retry.Covers(AttemptOutcome.Response(418)));
    }

    [Fact]
    public void Status_codes_join_those_of_the_route()
    {
        var route = RetryTerms.Of(new RetryPolicy { Attempts = 2, StatusCodes = [404] });
        var terms = RequestLimits.Of(null, route, new HeaderList { { "x-envoy-retriable-status-codes", "418" } }).Retry;
        Assert.True(terms.Covers(AttemptOutcome.Response(418)));
        Assert.True(terms.Covers(AttemptOutcome.Response(404)));
    }

    [Fact]
    public void Names_of_headers_count_when_caller_or_route_name_the_condition()
    {
        var byCaller = new HeaderList { { "x-envoy-retry-on", "retriable-headers" }, { "x-envoy-retriable-header-names", "x-again, x-later,, not a name" } };
        Assert.Equal(["x-again", "x-later"], RequestLimits.Of(null, RetryTerms.None, byCaller).Retry.HeaderNames);

        var byRoute = RetryTerms.Of(new RetryPolicy { Attempts = 2, RetryOn = [RetryCondition.RetriableHeaders] });
        Assert.Equal(["x-again"], RequestLimits.Of(null, byRoute, new HeaderList { { "x-envoy-retriable-header-names", "x-again" } }).Retry.HeaderNames);

        Assert.Empty(RequestLimits.Of(null, Route, new HeaderList { { "x-envoy-retriable-header-names", "x-again" } }).Retry.HeaderNames);
    }

    [Fact]
    public void What_makes_no_sense_is_left_aside()
    {
        var headers = new HeaderList
        {
            { "x-envoy-upstream-rq-timeout-ms", "soon" }, { "x-envoy-max-retries", "-1" }, { "x-envoy-retry-on", "nonsense" },
        };
        var limits = RequestLimits.Of(TimeSpan.FromSeconds(5), Route, headers);

        Assert.Equal(TimeSpan.FromSeconds(5), limits.Timeout);
        Assert.Equal(2, limits.Retry.Attempts);
        Assert.False(limits.Retry.Covers(Bad));
    }

    [Fact]
    public void The_headers_are_for_this_proxy_and_go_no_further()
    {
        var headers = new HeaderList
        {
            { "x-envoy-upstream-rq-timeout-ms", "1" }, { "x-envoy-upstream-rq-per-try-timeout-ms", "1" }, { "x-envoy-max-retries", "1" },
            { "x-envoy-retry-on", "5xx" }, { "x-envoy-retry-grpc-on", "internal" }, { "x-envoy-retriable-status-codes", "1" }, { "x-envoy-retriable-header-names", "x-again" }, { "accept", "*/*" },
        };
        RequestLimits.Of(null, Route, headers);

        Assert.Equal("accept", Assert.Single(headers).Key);
    }
}
