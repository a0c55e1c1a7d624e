using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>When and how often a request is tried again. The route's timeout covers all tries.</summary>
public sealed record RetryPolicy
{
    /// <summary>Number of further tries after the first.</summary>
    public required int Attempts { get; init; }

    /// <summary>Limit of one try until response headers arrive; <c>null</c> = the route's timeout.</summary>
    public TimeSpan? PerTryTimeout { get; init; }

    /// <summary>What is worth another try.</summary>
    public ImmutableArray<RetryCondition> RetryOn { get; init; } = [];

    /// <summary>Response codes worth another try.</summary>
    public ImmutableArray<int> StatusCodes { get; init; } = [];

    /// <summary>Base of the exponential back-off with full jitter. Default 25 ms.</summary>
    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Cap of the back-off. Default 10 times the base.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Prefer endpoints that were not tried yet. Default <c>true</c>.</summary>
    public bool IgnorePreviousHosts { get; init; } = true;
}

/// <summary>Retry conditions, by Envoy's names.</summary>
public enum RetryCondition
{
    /// <summary><c>connect-failure</c>: no connection to the endpoint.</summary>
    ConnectFailure,

    /// <summary><c>refused-stream</c>: HTTP/2 REFUSED_STREAM.</summary>
    RefusedStream,

    /// <summary><c>reset</c>: the endpoint closed or reset without a response (timeouts of a try included).</summary>
    Reset,

    /// <summary><c>reset-before-request</c>: as reset, but nothing of the request was sent.</summary>
    ResetBeforeRequest,

    /// <summary><c>5xx</c>: any 5xx response, or none at all.</summary>
    FiveXx,

    /// <summary><c>gateway-error</c>: 502, 503 or 504.</summary>
    GatewayError,

    /// <summary><c>retriable-4xx</c>: 409.</summary>
    Retriable4xx,

    /// <summary><c>cancelled</c>: gRPC status CANCELLED.</summary>
    GrpcCancelled,

    /// <summary><c>deadline-exceeded</c>: gRPC status DEADLINE_EXCEEDED.</summary>
    GrpcDeadlineExceeded,

    /// <summary><c>internal</c>: gRPC status INTERNAL.</summary>
    GrpcInternal,

    /// <summary><c>resource-exhausted</c>: gRPC status RESOURCE_EXHAUSTED.</summary>
    GrpcResourceExhausted,

    /// <summary><c>unavailable</c>: gRPC status UNAVAILABLE.</summary>
    GrpcUnavailable,
}
