namespace Mesh.Config;

/// <summary>Faults put into the way of requests on purpose; delay and abort are drawn apart. Timeout and retries do not apply to such a route.</summary>
public sealed record Fault
{
    /// <summary>Percent of requests delayed, 0 to 100.</summary>
    public double DelayPercent { get; init; }

    /// <summary>How long.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>Percent of requests aborted, 0 to 100.</summary>
    public double AbortPercent { get; init; }

    /// <summary>Aborted with this HTTP status; one of this and <see cref="AbortGrpcStatus"/>.</summary>
    public int? AbortStatus { get; init; }

    /// <summary>Aborted with this gRPC status (a number), as an HTTP 200 of headers only; gRPC requests only see it so.</summary>
    public int? AbortGrpcStatus { get; init; }
}
