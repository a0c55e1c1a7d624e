using Mesh.Sidecar.Filters;

namespace Mesh.Sidecar.Forwarding;

/// <summary>What came of one try.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Status">Status of the response; 0 without.</param>
/// <param name="GrpcStatus">The response's <c>grpc-status</c> when it came with the headers (gRPC's trailers-only form).</param>
/// <param name="Reason">Why there is no response, in the words of the access log; empty with one.</param>
/// <param name="Overloaded">The endpoint refused for overload (<c>x-envoy-overloaded</c>).</param>
/// <param name="RateLimited">The endpoint refused for a limit on rates (<c>x-envoy-ratelimited</c>).</param>
/// <param name="HasRetriableHeader">The response carries a header that the caller named for a further try.</param>
/// <param name="NotDelivered">The peer's sidecar answered, and says that the request did not reach its application.</param>
/// <param name="WasReused">The try went over a connection that had carried requests before.</param>
/// <param name="NeverSent">It ended while it waited for a connection: the endpoint has no part in it.</param>
public readonly record struct TryResult(TryEnd End, int Status = 0, int? GrpcStatus = null, string Reason = "", bool Overloaded = false, bool NotDelivered = false, bool WasReused = false, bool NeverSent = false,
    bool RateLimited = false, bool HasRetriableHeader = false)
{
    /// <summary>The same in the terms of the retry policy; <c>null</c> where no further try could help.</summary>
    public AttemptOutcome? Outcome => End switch
    {
        TryEnd.HeldBack when NotDelivered => AttemptOutcome.Failed(AttemptFailure.ConnectFailure),
        TryEnd.Answered or TryEnd.HeldBack => new AttemptOutcome(AttemptFailure.None, Status, GrpcStatus, Overloaded, RateLimited, HasRetriableHeader),
        _ when Status != 0 => null, // its response was on its way to the client already
        TryEnd.ConnectFailed => AttemptOutcome.Failed(AttemptFailure.ConnectFailure),
        TryEnd.RefusedStream => AttemptOutcome.Failed(AttemptFailure.RefusedStream),
        TryEnd.ResetBeforeRequest => AttemptOutcome.Failed(AttemptFailure.ResetBeforeRequest),
        TryEnd.TryTimedOut when NeverSent => AttemptOutcome.Failed(AttemptFailure.ResetBeforeRequest),
        TryEnd.Reset or TryEnd.BadResponse => AttemptOutcome.Failed(AttemptFailure.Reset),
        TryEnd.TryTimedOut => AttemptOutcome.Failed(AttemptFailure.PerTryTimeout),
        _ => null,
    };
}
