using System.Collections.Immutable;
using System.Globalization;
using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning;

/// <summary>A rule's retries -> the policy of a route.</summary>
internal static class RetryTranslator
{
    private static readonly ImmutableArray<RetryCondition> SafeConditions =
    [
        RetryCondition.ConnectFailure, RetryCondition.RefusedStream, RetryCondition.GrpcUnavailable, RetryCondition.GrpcCancelled,
    ];

    /// <summary>What holds where nothing is written: two retries, and only where the request did no harm yet.</summary>
    public static RetryPolicy Default { get; } = new() { Attempts = 2, RetryOn = SafeConditions };

    /// <summary>Null is no retries.</summary>
    public static RetryPolicy? Translate(HttpRetry? retries, TimeSpan? timeout)
    {
        if (retries is null) return Default;
        if (retries.Attempts is null or <= 0) return null;
        var backoff = retries.Backoff?.Value is { } written && written > TimeSpan.Zero ? written : Default.BackoffBase;
        var (conditions, codes) = Conditions(retries.RetryOn);
        return new RetryPolicy
        {
            Attempts = retries.Attempts.Value,
            PerTryTimeout = PerTry(retries.PerTryTimeout?.Value, timeout),
            RetryOn = conditions,
            StatusCodes = codes,
            BackoffBase = backoff,
            BackoffMax = backoff * 10,
            IgnorePreviousHosts = retries.RetryIgnorePreviousHosts ?? true,
        };
    }

    // A limit of one try that is not below the whole's can never act.
    private static TimeSpan? PerTry(TimeSpan? perTry, TimeSpan? timeout) =>
        perTry is null || perTry <= TimeSpan.Zero || perTry >= timeout ? null : perTry;

    // "retriable-status-codes" means the codes written beside it, which act by themselves; "retriable-headers" needs a list
    // of headers that the API has no field for; "http3-post-connect-failure" needs HTTP/3. None of them adds anything here.
    private static (ImmutableArray<RetryCondition> Conditions, ImmutableArray<int> Codes) Conditions(string? retryOn)
    {
        if (string.IsNullOrWhiteSpace(retryOn)) return (SafeConditions, []);
        var conditions = ImmutableArray.CreateBuilder<RetryCondition>();
        var codes = ImmutableArray.CreateBuilder<int>();
        foreach (var word in retryOn.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (RetryConditionNames.Find(word) is { } condition) conditions.Add(condition);
            else if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code is >= 100 and <= 599) codes.Add(code);
        }

        return ([.. conditions.Distinct()], [.. codes.Distinct().Order()]);
    }
}
