using System.Collections.Concurrent;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Forwarding;
using Prometheus;

namespace Mesh.Sidecar.Telemetry;

/// <summary>
/// Requests of the routes that ask to be counted by themselves (<c>statPrefix</c>), in Envoy's names
/// (<c>vhost.HOST.route.PREFIX.…</c>). At most <see cref="MaxRoutes"/> of them; what comes after counts under <c>other</c>.
/// </summary>
public sealed class RouteMetrics
{
    /// <summary>Bound of the routes told apart.</summary>
    public const int MaxRoutes = 500;

    private const string Prefix = "envoy_vhost_route_";
    private const string Other = "other";
    private static readonly string[] Labels = ["envoy_virtual_host", "envoy_route"];
    private static readonly string[] Classes = ["1", "2", "3", "4", "5"];

    private readonly Counter completed;
    private readonly Counter tries;
    private readonly Counter retries;
    private readonly Counter retrySuccess;
    private readonly Counter retryLimit;
    private readonly Counter retryOverflow;
    private readonly Counter timeouts;
    private readonly Histogram time;
    private readonly ConcurrentDictionary<(string VirtualHost, string Route), Series> series = new();

    /// <summary>Adds them.</summary>
    public RouteMetrics(CollectorRegistry registry)
    {
        var metrics = Metrics.WithCustomRegistry(registry);
        completed = metrics.CreateCounter(Prefix + "upstream_rq_xx", "Requests of a route by class of their status.", [.. Labels, "envoy_response_code_class"]);
        tries = Count("upstream_rq_total", "Tries of requests.");
        retries = Count("upstream_rq_retry", "Retries.");
        retrySuccess = Count("upstream_rq_retry_success", "Requests that succeeded after a retry.");
        retryLimit = Count("upstream_rq_retry_limit_exceeded", "Requests whose retries were used up.");
        retryOverflow = Count("upstream_rq_retry_overflow", "Requests that the budget or limit of the cluster allowed no further try.");
        timeouts = Count("upstream_rq_timeout", "Requests that took longer than the rule allows.");
        time = metrics.CreateHistogram(Prefix + "upstream_rq_time", "Duration of requests in milliseconds.", Labels, new HistogramConfiguration { Buckets = ProxyMetrics.Buckets });

        Counter Count(string name, string help) => metrics.CreateCounter(Prefix + name, help, Labels);
    }

    /// <summary>Forgets routes that are no longer there.</summary>
    public void OnSwapped(ProxySnapshot snapshot)
    {
        if (series.IsEmpty) return;
        var live = snapshot.Config.Routes.SelectMany(table => table.VirtualHosts)
            .SelectMany(host => host.Routes.Where(route => route.StatPrefix is not null).Select(route => (host.Name, route.StatPrefix!))).ToHashSet();
        foreach (var key in series.Keys)
        {
            if (key == (Other, Other) || live.Contains(key) || !series.TryRemove(key, out _)) continue;
            foreach (var counter in new[] { tries, retries, retrySuccess, retryLimit, retryOverflow, timeouts }) counter.RemoveLabelled(key.VirtualHost, key.Route);
            foreach (var status in Classes) completed.RemoveLabelled(key.VirtualHost, key.Route, status);
            time.RemoveLabelled(key.VirtualHost, key.Route);
        }
    }

    /// <summary>Counts a request that ended. What the proxy answered by itself, without a destination, is none of a route's.</summary>
    public void Count(Exchange exchange, int status, double milliseconds)
    {
        if (exchange is not { Route.Config.StatPrefix: { } name, VirtualHost: { } host, Cluster: not null }) return;
        var own = SeriesOf((host.Name, name));
        if (status is >= 100 and < 600) own.Completed[status / 100 - 1].Inc();
        own.Time.Observe(milliseconds);
        own.Tries.Inc(exchange.Attempts);
        if (exchange.Attempts > 1) own.Retries.Inc(exchange.Attempts - 1);
        if (exchange.Attempts > 1 && exchange.LastTry.End == TryEnd.Answered && status < 500) own.RetrySuccess.Inc();
        if (exchange.Flags.HasFlag(ResponseFlag.URX)) own.RetryLimit.Inc();
        if (exchange.Flags.HasFlag(ResponseFlag.UO) && exchange.LastTry.End != TryEnd.Overflow) own.RetryOverflow.Inc();
        if (exchange.LastTry.End == TryEnd.TimedOut) own.Timeouts.Inc();
    }

    private Series SeriesOf((string VirtualHost, string Route) key)
    {
        if (series.TryGetValue(key, out var known)) return known;
        if (series.Count >= MaxRoutes) key = (Other, Other);
        return series.GetOrAdd(key, Make);
    }

    private Series Make((string VirtualHost, string Route) key)
    {
        string[] labels = [key.VirtualHost, key.Route];
        return new Series(
            [.. Classes.Select(status => completed.WithLabels(key.VirtualHost, key.Route, status))],
            tries.WithLabels(labels), retries.WithLabels(labels), retrySuccess.WithLabels(labels), retryLimit.WithLabels(labels),
            retryOverflow.WithLabels(labels), timeouts.WithLabels(labels), time.WithLabels(labels));
    }

    private sealed record Series(
        Counter.Child[] Completed, Counter.Child Tries, Counter.Child Retries, Counter.Child RetrySuccess, Counter.Child RetryLimit,
        Counter.Child RetryOverflow, Counter.Child Timeouts, Histogram.Child Time);
}
