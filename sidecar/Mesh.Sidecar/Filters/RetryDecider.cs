using Mesh.Config;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Filters;

/// <summary>
/// Decides whether a try is followed by another. Knows nothing of bodies, deadlines or clients: whoever carries the tries out
/// asks only while a further try is still possible (no response headers went down, the body is kept, time is left).
/// </summary>
public static class RetryDecider
{
    /// <summary>The verdict on the outcome of a try.</summary>
    /// <param name="terms">Of this request.</param>
    /// <param name="outcome">Of the try.</param>
    /// <param name="attempts">Tries made so far, this one included.</param>
    /// <param name="cluster">Counters of the cluster, which hold the budget's places.</param>
    /// <param name="budget">The cluster's budget.</param>
    /// <param name="time">Tells which requests the budget counts.</param>
    /// <param name="maxRetries">The cluster's limit on retries under way, whatever their reason; <c>null</c>: none.</param>
    public static RetryVerdict Decide(RetryTerms terms, AttemptOutcome outcome, int attempts, ClusterState cluster, RetryBudget budget, TimeProvider time, int? maxRetries = null)
    {
        if (terms.Attempts == 0 || !terms.Covers(outcome)) return RetryVerdict.Done;
        if (attempts > terms.Attempts) return RetryVerdict.LimitReached;
        // The budget keeps callers from drowning a service that fails; what never reached it is no load on it.
        var limit = outcome.Failure == AttemptFailure.ConnectFailure ? int.MaxValue : LimitOf(budget, Counted(budget, cluster, time));
        if (maxRetries < limit) limit = maxRetries.Value;
        return cluster.TryBeginRetry(limit) ? RetryVerdict.Retry : RetryVerdict.OverBudget;
    }

    /// <summary>How many retries may be under way where this many requests are counted.</summary>
    public static int LimitOf(RetryBudget budget, int requests) => Math.Max((int)(requests * budget.Percent / 100), budget.MinConcurrency);

    private static int Counted(RetryBudget budget, ClusterState cluster, TimeProvider time) =>
        budget.Interval > TimeSpan.Zero ? cluster.Active + cluster.Recent.Within(budget.Interval, time) : cluster.Active;
}
