namespace Mesh.Api.Networking;

/// <summary>An abort of a share of requests.</summary>
[AtMostOneOf(nameof(HttpStatus), nameof(GrpcStatus), nameof(Http2Error))]
public sealed record FaultAbort
{
    /// <summary>Status code to answer with, 200 to 599.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>gRPC status by name: <c>UNAVAILABLE</c>, <c>DEADLINE_EXCEEDED</c>, …</summary>
    public string? GrpcStatus { get; init; }

    /// <summary>Never implemented by Istio; refused.</summary>
    public string? Http2Error { get; init; }

    /// <summary>Share of requests. Absent is 0: nobody is aborted.</summary>
    public Percent? Percentage { get; init; }
}
