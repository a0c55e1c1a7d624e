using System.Collections.Frozen;

namespace Mesh.Config;

/// <summary>Envoy's names of the retry conditions, as VirtualService and request headers write them.</summary>
public static class RetryConditionNames
{
    private static readonly FrozenDictionary<string, RetryCondition> Conditions = new Dictionary<string, RetryCondition>
    {
        ["connect-failure"] = RetryCondition.ConnectFailure,
        ["refused-stream"] = RetryCondition.RefusedStream,
        ["reset"] = RetryCondition.Reset,
        ["reset-before-request"] = RetryCondition.ResetBeforeRequest,
        ["5xx"] = RetryCondition.FiveXx,
        ["gateway-error"] = RetryCondition.GatewayError,
        ["retriable-4xx"] = RetryCondition.Retriable4xx,
        ["cancelled"] = RetryCondition.GrpcCancelled,
        ["deadline-exceeded"] = RetryCondition.GrpcDeadlineExceeded,
        ["internal"] = RetryCondition.GrpcInternal,
        ["resource-exhausted"] = RetryCondition.GrpcResourceExhausted,
        ["unavailable"] = RetryCondition.GrpcUnavailable,
        ["envoy-ratelimited"] = RetryCondition.RateLimited,
        ["retriable-headers"] = RetryCondition.RetriableHeaders,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The name of a condition.</summary>
    public static string NameOf(RetryCondition condition) => Conditions.First(pair => pair.Value == condition).Key;

    /// <summary>The condition of this name; <c>null</c> when there is none.</summary>
    public static RetryCondition? Find(string name) => Conditions.TryGetValue(name, out var condition) ? condition : null;
}
