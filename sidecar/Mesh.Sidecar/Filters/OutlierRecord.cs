using System.Globalization;
using Mesh.Sidecar.Forwarding;

namespace Mesh.Sidecar.Filters;

/// <summary>Tells outlier detection what a try came to, as far as the member has a part in it.</summary>
internal static class OutlierRecord
{
    public static void Of(Exchange exchange)
    {
        var cluster = exchange.Cluster!;
        if (cluster.Config.Outliers is null || exchange.LastTry.NeverSent) return;
        var (ejections, member) = (cluster.State.Ejections, exchange.Endpoint!.State);
        switch (exchange.LastTry.End)
        {
            case TryEnd.Answered or TryEnd.HeldBack:
                ejections.Answered(member, StatusOf(exchange));
                break;
            case TryEnd.ConnectFailed or TryEnd.RefusedStream or TryEnd.Reset or TryEnd.ResetBeforeRequest or TryEnd.BadResponse:
                ejections.Failed(member, timedOut: false);
                break;
            case TryEnd.TryTimedOut or TryEnd.TimedOut:
                ejections.Failed(member, timedOut: true);
                break;
            // What the client did, or a limit of ours, says nothing about the member.
            case TryEnd.ClientGone or TryEnd.BadRequest or TryEnd.Overflow:
                break;
        }
    }

    // gRPC answers 200 whatever happened: its own status tells (grpc/doc/http-grpc-status-mapping.md, read backwards as Envoy does).
    private static int StatusOf(Exchange exchange)
    {
        var result = exchange.LastTry;
        if (exchange.Call is not { IsGrpc: true } call || result.Status != StatusCodes.Status200OK) return result.Status;
        var grpc = result.GrpcStatus ?? (int.TryParse(call.ResponseTrailer("grpc-status"), NumberStyles.None, CultureInfo.InvariantCulture, out var late) ? late : 0);
        return grpc switch
        {
            2 or 13 or 15 => 500, // UNKNOWN, INTERNAL, DATA_LOSS
            4 => 504, // DEADLINE_EXCEEDED
            12 => 501, // UNIMPLEMENTED
            14 => 503, // UNAVAILABLE
            _ => result.Status,
        };
    }
}
