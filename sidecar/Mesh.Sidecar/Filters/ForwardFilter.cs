using Mesh.Sidecar.Config;
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
            if (exchange.Cluster.Hosts is { } hosts && !await FindHostAsync(hosts, exchange, clock)) return;
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

    /// <summary>Goes on with the members of the host that is asked for; <c>false</c> when time or client were gone before they were known.</summary>
    private static async ValueTask<bool> FindHostAsync(AskedHosts hosts, Exchange exchange, TryClock? clock)
    {
        var found = hosts.ClusterOfAsync(exchange.Cluster!, exchange.Authority, CancellationToken.None);
        if (found.IsCompletedSuccessfully)
        {
            exchange.Cluster = found.Result;
            return true;
        }

        var call = exchange.Call!;
        clock?.BeginTry(); // the lookup is a part of the first one
        using var either = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted, clock?.Token ?? CancellationToken.None);
        try
        {
            exchange.Cluster = await found.AsTask().WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            var end = call.Aborted.IsCancellationRequested ? TryEnd.ClientGone : clock is { IsOver: true } ? TryEnd.TimedOut : TryEnd.TryTimedOut;
            exchange.LastTry = new TryResult(end, Reason: TryFailure.ReasonOf(end, null), NeverSent: true);
            var (status, flag, message) = TryVerdict.Of(exchange.LastTry, exchange);
            exchange.Reject(status, flag, message);
            return false;
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
