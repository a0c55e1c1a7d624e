using Mesh.Sidecar.Forwarding;

namespace Mesh.Sidecar.Filters;

/// <summary>
/// The last step: tries an endpoint, and another one as long as the terms, the budget, the kept body and the time allow. Once
/// response headers went down there is no further try.
/// </summary>
public sealed class ForwardFilter(PipelineParts parts) : Filter
{
    public override async ValueTask InvokeAsync(Exchange exchange)
    {
        var cluster = exchange.Cluster!.State;
        using var clock = ClockFor(exchange);
        cluster.Begin();
        try
        {
            var tries = new Tries(exchange, clock, parts);
            while (await tries.NextAsync())
            {
            }
        }
        finally
        {
            cluster.End();
            if (exchange.Cluster.Config.RetryBudget.Interval is { Ticks: > 0 } interval) cluster.Recent.Add(interval, parts.Time);
        }
    }

    private TryClock? ClockFor(Exchange exchange)
    {
        var limits = exchange.Limits;
        if (limits.Timeout is null && limits.Retry.PerTryTimeout is null) return null;
        var clock = new TryClock(limits.Timeout, limits.Retry.PerTryTimeout, parts.Time);
        if (exchange.Call!.Body is { HasEnded: false } body) body.Ended = clock.Start;
        else clock.Start();
        return clock;
    }
}
