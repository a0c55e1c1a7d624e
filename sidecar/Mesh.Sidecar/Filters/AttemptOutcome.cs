namespace Mesh.Sidecar.Filters;

/// <summary>What one try brought, in terms no client or protocol owns.</summary>
/// <param name="Failure">Why there is no response; None when there is one.</param>
/// <param name="Status">Status code of the response; 0 without.</param>
/// <param name="GrpcStatus">grpc-status in the response's headers (a response of trailers only); <c>null</c> without.</param>
/// <param name="Overloaded">The peer says it refused for overload (<c>x-envoy-overloaded</c>): trying again would add to it.</param>
/// <param name="RateLimited">The peer says it refused for a limit on rates (<c>x-envoy-ratelimited</c>).</param>
/// <param name="HasRetriableHeader">The response carries a header that the caller named for a further try.</param>
public readonly record struct AttemptOutcome(AttemptFailure Failure, int Status = 0, int? GrpcStatus = null, bool Overloaded = false, bool RateLimited = false, bool HasRetriableHeader = false)
{
    /// <summary>Whether the endpoint may have acted on the request: it answered, or it is not known what became of it.</summary>
    public bool MayHaveActed => Failure is not (AttemptFailure.ConnectFailure or AttemptFailure.RefusedStream or AttemptFailure.ResetBeforeRequest);

    /// <summary>A response.</summary>
    public static AttemptOutcome Response(int status, int? grpcStatus = null) => new(AttemptFailure.None, status, grpcStatus);

    /// <summary>No response.</summary>
    public static AttemptOutcome Failed(AttemptFailure failure) => new(failure);
}
