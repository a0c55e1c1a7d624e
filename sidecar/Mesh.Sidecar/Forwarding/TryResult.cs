namespace Mesh.Sidecar.Forwarding;

/// <summary>What came of one try.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Status">Status of the response; 0 without.</param>
/// <param name="GrpcStatus">The response's <c>grpc-status</c> when it came with the headers (gRPC's trailers-only form).</param>
/// <param name="Reason">Why there is no response, in the words of the access log; empty with one.</param>
public readonly record struct TryResult(TryEnd End, int Status = 0, int? GrpcStatus = null, string Reason = "")
{
    /// <summary>Certainly nothing of the request reached the endpoint's application.</summary>
    public bool NothingSent => End is TryEnd.ConnectFailed or TryEnd.RefusedStream;
}
