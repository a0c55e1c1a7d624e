using System.Globalization;
using Mesh.Config;
using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Http;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Filters;

/// <summary>The tries of one request, one after the other.</summary>
internal sealed class Tries
{
    private static readonly TriedEndpoints NoneTried = new();

    private readonly Exchange exchange;
    private readonly ServerCall call;
    private readonly TryClock? clock;
    private readonly PipelineParts parts;
    private readonly RetryTerms terms;
    private readonly Func<TryResult, bool>? holdBack;
    private RetryVerdict verdict;
    private bool holdsBudget;
    private bool toldStale;
    private ulong? hash;

    public Tries(Exchange exchange, TryClock? clock, PipelineParts parts)
    {
        this.exchange = exchange;
        this.clock = clock;
        this.parts = parts;
        call = exchange.Call!;
        terms = exchange.Limits.Retry;
        if (terms.Attempts == 0) return;
        holdBack = HoldBack;
        call.Body?.Keep();
    }

    /// <summary>Makes a try; <c>true</c> when another one shall follow.</summary>
    public async ValueTask<bool> NextAsync()
    {
        if (!Pick()) return false;
        exchange.Attempts++;
        if (exchange.Direction == Direction.Outbound)
            exchange.Headers.Set("x-envoy-attempt-count", exchange.Attempts.ToString(CultureInfo.InvariantCulture));
        call.Body?.Rewind();
        clock?.BeginTry();
        verdict = RetryVerdict.Done;
        try
        {
            exchange.LastTry = await parts.Forwarder.SendAsync(exchange, clock, holdBack);
        }
        finally
        {
            ReturnBudget();
        }

        if (exchange.LastTry.End != TryEnd.Answered && WasStale())
        {
            call.ClearResponse();
            return true;
        }

        OutlierRecord.Of(exchange);
        if (exchange.LastTry.End == TryEnd.Answered) return false;
        if (exchange.LastTry.End != TryEnd.HeldBack) Decide(exchange.LastTry);
        if (verdict != RetryVerdict.Retry)
        {
            GiveUp();
            return false;
        }

        holdsBudget = true;
        exchange.Tried.Add(exchange.Endpoint!);
        call.ClearResponse();
        return await BackOffAsync();
    }

    /// <summary>
    /// An endpoint may close an idle connection in the very moment it is used again; nothing is wrong with endpoint or
    /// request then. A request that may be repeated (RFC 9110 section 9.2.2) and has no body is sent once more over another
    /// connection; that is no retry of the policy's.
    /// </summary>
    private bool WasStale()
    {
        if (toldStale || exchange.LastTry is not { End: TryEnd.Reset, Status: 0, WasReused: true }) return false;
        if (call.Body is not null || call.HasStarted || !Idempotency.IsOfMethod(exchange.Method)) return false;
        toldStale = true;
        exchange.Attempts--;
        return true;
    }

    /// <summary>Chooses the endpoint of the next try; without one the request ends here.</summary>
    private bool Pick()
    {
        var cluster = exchange.Cluster!;
        if (exchange.Attempts == 0 && cluster.Config.ConsistentHash is { } consistent) hash = KeyHash.Of(consistent.Key, exchange, parts.Random);
        var picked = terms.RemoteLocalities && hash is null ? parts.Picker.PickElsewhere(cluster, exchange.Tried) : null;
        picked ??= parts.Picker.Pick(cluster, exchange.OriginalDestination, terms.IgnorePreviousHosts ? exchange.Tried : NoneTried, hash);
        if (picked is not null)
        {
            exchange.Endpoint = picked;
            return true;
        }

        ReturnBudget();
        var pool = cluster.Pool;
        var why = pool.Failure is { } failure ? $": {failure}"
            : pool.Members.IsEmpty ? "."
            : $": all {pool.Members.Length} are left out, as they failed requests or health checks.";
        // A cluster without members has nobody healthy; a host that does not resolve is a matter of DNS alone.
        var flag = pool.Failure is null ? ResponseFlag.UH : cluster.Config.Discovery == Discovery.DynamicDns ? ResponseFlag.DF : ResponseFlag.UH | ResponseFlag.DF;
        exchange.Reject(503, flag, $"{exchange.ClusterName} has no healthy endpoint{why}");
        return false;
    }

    // Asked when response headers are here, before any of them goes down.
    private bool HoldBack(TryResult response)
    {
        Decide(response);
        Note(verdict);
        return verdict == RetryVerdict.Retry;
    }

    private void Decide(TryResult result)
    {
        verdict = RetryVerdict.Done;
        if (call.HasStarted || call.Aborted.IsCancellationRequested || clock is { IsOver: true }) return;
        if (call.Body is { CanReplay: false } || result.Outcome is not { } outcome) return;
        if (terms.OnlyIdempotent && outcome.MayHaveActed && !Idempotency.Of(exchange)) return;
        verdict = RetryDecider.Decide(terms, outcome, exchange.Attempts, exchange.Cluster!.State, exchange.Cluster.Config.RetryBudget, parts.Time, exchange.Cluster.Config.Pool?.MaxRetries);
    }

    private void GiveUp()
    {
        Note(verdict);
        var (status, flag, message) = TryVerdict.Of(exchange.LastTry, exchange);
        exchange.Reject(status, flag, exchange.Attempts > 1 ? $"{message} It was tried {exchange.Attempts} times." : message);
    }

    private void Note(RetryVerdict why) => exchange.Flags |= why switch
    {
        RetryVerdict.LimitReached => ResponseFlag.URX,
        RetryVerdict.OverBudget => ResponseFlag.UO,
        _ => ResponseFlag.None,
    };

    private async ValueTask<bool> BackOffAsync()
    {
        var wait = terms.Backoff.Before(exchange.Attempts, parts.Random);
        if (wait <= TimeSpan.Zero) return true;
        try
        {
            // The time of a try does not run between tries; the client's patience and the route's timeout do.
            var left = clock?.Deadline.Remaining(parts.Time) ?? Timeout.InfiniteTimeSpan;
            if (left != Timeout.InfiniteTimeSpan && left < wait)
            {
                await Task.Delay(left, parts.Time, call.Aborted);
                ReturnBudget();
                exchange.LastTry = new TryResult(TryEnd.TimedOut, Reason: "response timeout");
                GiveUp();
                return false;
            }

            await Task.Delay(wait, parts.Time, call.Aborted);
            return true;
        }
        catch (OperationCanceledException)
        {
            ReturnBudget();
            exchange.LastTry = new TryResult(TryEnd.ClientGone);
            GiveUp();
            return false;
        }
    }

    private void ReturnBudget()
    {
        if (!holdsBudget) return;
        holdsBudget = false;
        exchange.Cluster!.State.EndRetry();
    }
}
