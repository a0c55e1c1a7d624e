namespace Mesh.Benchmarks.Soak;

/// <summary>The rules that the faults are met with.</summary>
internal static class SoakRules
{
    /// <summary>A member that does not answer is left for another within a second, and left out for a while.</summary>
    public const string Recover = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: server}
        spec:
          hosts: [server]
          http: [{route: [{destination: {host: server}}], timeout: 10s, retries: {attempts: 3, perTryTimeout: 1s, retryOn: "gateway-error,connect-failure,reset,refused-stream"}}]
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: server}
        spec:
          host: server
          trafficPolicy:
            connectionPool: {tcp: {connectTimeout: 1s}}
            outlierDetection: {consecutiveGatewayErrors: 3, consecutive5xxErrors: 0, interval: 1s, baseEjectionTime: 5s, maxEjectionPercent: 50}
            retryBudget: {percent: 100, minRetryConcurrency: 50}
        """;

    /// <summary>All tries together have a second.</summary>
    public const string Deadline = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: server}
        spec:
          hosts: [server]
          http: [{route: [{destination: {host: server}}], timeout: 1s, retries: {attempts: 5, perTryTimeout: 400ms, retryOn: gateway-error}}]
        """;

    /// <summary>Answers that never begin are asked for again.</summary>
    public const string Again = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: half}
        spec:
          hosts: [half]
          http: [{route: [{destination: {host: half}}], retries: {attempts: 5, retryOn: "5xx,reset"}}]
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: half}
        spec: {host: half, trafficPolicy: {retryBudget: {percent: 100, minRetryConcurrency: 50}}}
        """;

    /// <summary>Twenty requests at a time, none waits.</summary>
    public const string Breaker = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: server}
        spec:
          hosts: [server]
          http: [{route: [{destination: {host: server}}], retries: {attempts: 0}}]
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: server}
        spec: {host: server, trafficPolicy: {connectionPool: {http: {http2MaxRequests: 20}}}}
        """;

    /// <summary>Every failure may be tried three times, but only a fifth of the requests under way at once.</summary>
    public const string Budget = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: server}
        spec:
          hosts: [server]
          http: [{route: [{destination: {host: server}}], retries: {attempts: 3, retryOn: 5xx}}]
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: server}
        spec: {host: server, trafficPolicy: {retryBudget: {percent: 20, minRetryConcurrency: 1}}}
        """;
}
