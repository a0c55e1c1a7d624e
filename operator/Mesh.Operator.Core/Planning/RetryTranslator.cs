using System.Collections.Immutable;
using System.Globalization;
using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning;

/// <summary>A rule's retries -> the policy of a route.</summary>
/// <param name="ofMesh">What holds where a rule says nothing (<c>MeshConfig.defaultHttpRetryPolicy</c>); null: two retries, and only where the request did no harm yet.</param>
internal sealed class RetryTranslator(HttpRetry? ofMesh)
{
    private static readonly ImmutableArray<RetryCondition> SafeConditions =
    [
        RetryCondition.ConnectFailure, RetryCondition.RefusedStream, RetryCondition.GrpcUnavailable, RetryCondition.GrpcCancelled,
    ];

    private static readonly RetryPolicy Safe = new() { Attempts = 2, RetryOn = SafeConditions };

    private static readonly RetryPolicy SafeForKeys = Safe with { IgnorePreviousHosts = false };

    /// <summary>Null is no retries.</summary>
    /// <param name="written">What the rule says.</param>
    /// <param name="timeout">The route's, over all tries.</param>
    /// <param name="isHashed">The key of the request says which endpoint it is for: another one would be as wrong as before.</param>
    public RetryPolicy? Translate(HttpRetry? written, TimeSpan? timeout, bool isHashed)
    {
        var retries = written ?? ofMesh;
        if (retries is null) return isHashed ? SafeForKeys : Safe;
        if (retries.Attempts is null or <= 0) return null;
        var backoff = retries.Backoff?.Value is { } given && given > TimeSpan.Zero ? given : Safe.BackoffBase;
        var (conditions, codes) = Conditions(retries.RetryOn);
        return new RetryPolicy
        {
            Attempts = retries.Attempts.Value,
            PerTryTimeout = PerTry(retries.PerTryTimeout?.Value, timeout),
            RetryOn = conditions,
            StatusCodes = codes,
            BackoffBase = backoff,
            BackoffMax = backoff * 10,
            IgnorePreviousHosts = retries.RetryIgnorePreviousHosts ?? !isHashed,
            RemoteLocalities = retries.RetryRemoteLocalities ?? false,
        };
    }

    // A limit of one try that is not below the whole's can never act.
    private static TimeSpan? PerTry(TimeSpan? perTry, TimeSpan? timeout) =>
        perTry is null || perTry <= TimeSpan.Zero || perTry >= timeout ? null : perTry;

    // "retriable-status-codes" means the codes written beside it, which act by themselves; "http3-post-connect-failure" needs
    // HTTP/3. Neither adds anything here.
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
