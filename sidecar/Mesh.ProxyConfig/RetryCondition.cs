namespace Mesh.Config;

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

    /// <summary><c>envoy-ratelimited</c>: the response carries <c>x-envoy-ratelimited</c>; no other condition retries such a one.</summary>
    RateLimited,

    /// <summary><c>retriable-headers</c>: the response carries a header that the caller named in <c>x-envoy-retriable-header-names</c>.</summary>
    RetriableHeaders,
}
