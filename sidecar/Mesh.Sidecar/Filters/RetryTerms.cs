using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.Sidecar.Filters;

/// <summary>A retry policy in the form in which it is asked for each try: conditions as bits.</summary>
public sealed record RetryTerms
{
    /// <summary>No retries.</summary>
    public static readonly RetryTerms None = new();

    /// <summary>Tries after the first.</summary>
    public int Attempts { get; init; }

    /// <summary>Limit of one try until its response headers; <c>null</c> is the request's own.</summary>
    public TimeSpan? PerTryTimeout { get; init; }

    /// <summary>Whether members not tried yet are preferred.</summary>
    public bool IgnorePreviousHosts { get; init; } = true;

    /// <summary>Whether members in other places than those tried are preferred.</summary>
    public bool RemoteLocalities { get; init; }

    /// <summary>Whether what may have had an effect is tried again only if it may be done twice.</summary>
    public bool OnlyIdempotent { get; init; }

    /// <summary>Back-off between tries.</summary>
    public Backoff Backoff { get; init; } = Backoff.Default;

    /// <summary>Bit n: condition n.</summary>
    internal int Conditions { get; init; }

    /// <summary>Codes worth another try.</summary>
    internal ImmutableArray<int> StatusCodes { get; init; } = [];

    /// <summary>Response headers worth another try, as the caller named them.</summary>
    internal ImmutableArray<string> HeaderNames { get; init; } = [];

    /// <summary>The terms of a route.</summary>
    public static RetryTerms Of(RetryPolicy? policy) => policy is null
        ? None
        : new RetryTerms
        {
            Attempts = policy.Attempts,
            PerTryTimeout = policy.PerTryTimeout,
            IgnorePreviousHosts = policy.IgnorePreviousHosts,
            RemoteLocalities = policy.RemoteLocalities,
            OnlyIdempotent = policy.OnlyIdempotent,
            Backoff = new Backoff(policy.BackoffBase, policy.BackoffMax),
            Conditions = policy.RetryOn.Aggregate(0, (bits, condition) => bits | Bit(condition)),
            StatusCodes = policy.StatusCodes,
        };

    /// <summary>Whether this outcome is worth another try, whatever was tried before.</summary>
    public bool Covers(AttemptOutcome outcome) => outcome.Failure == AttemptFailure.None
        ? CoversResponse(outcome)
        : Covers(outcome.Failure);

    internal static int Bit(RetryCondition condition) => 1 << (int)condition;

    internal bool Has(RetryCondition condition) => (Conditions & Bit(condition)) != 0;

    // No response at all counts as 5xx and as gateway error, a try that ran out of time as reset. A refused stream is no
    // reset before request: it was sent, though not looked at.
    private bool Covers(AttemptFailure failure) => Any(RetryCondition.Reset, RetryCondition.FiveXx, RetryCondition.GatewayError) || failure switch
    {
        AttemptFailure.ConnectFailure => Any(RetryCondition.ConnectFailure, RetryCondition.ResetBeforeRequest),
        AttemptFailure.ResetBeforeRequest => Any(RetryCondition.ResetBeforeRequest),
        AttemptFailure.RefusedStream => Any(RetryCondition.RefusedStream),
        _ => false,
    };

    private bool CoversResponse(AttemptOutcome outcome)
    {
        if (outcome.Overloaded) return false;
        // Who limits rates is asked again only by those who say that they mean him.
        if (outcome.RateLimited) return Has(RetryCondition.RateLimited);
        if (outcome.HasRetriableHeader && Has(RetryCondition.RetriableHeaders)) return true;
        if (outcome.Status >= 500 && Any(RetryCondition.FiveXx)) return true;
        if (outcome.Status is >= 502 and <= 504 && Any(RetryCondition.GatewayError)) return true;
        if (outcome.Status == 409 && Any(RetryCondition.Retriable4xx)) return true;
        return StatusCodes.Contains(outcome.Status) || outcome.GrpcStatus switch
        {
            1 => Any(RetryCondition.GrpcCancelled),
            4 => Any(RetryCondition.GrpcDeadlineExceeded),
            8 => Any(RetryCondition.GrpcResourceExhausted),
            13 => Any(RetryCondition.GrpcInternal),
            14 => Any(RetryCondition.GrpcUnavailable),
            _ => false,
        };
    }

    private bool Any(params ReadOnlySpan<RetryCondition> conditions)
    {
        foreach (var condition in conditions)
        {
            if (Has(condition)) return true;
        }

        return false;
    }
}
