using Mesh.Sidecar.Http;

namespace Mesh.Sidecar.Telemetry;

/// <summary>Writes down an exchange that ended: one log line, one count in each metric.</summary>
public sealed class ExchangeRecorder(AccessLog log, ProxyMetrics metrics, RouteMetrics routes, TimeProvider time)
{
    /// <summary>The exchange is done.</summary>
    public void Record(Exchange exchange)
    {
        if (exchange.Call is not { } call) return;
        var milliseconds = time.GetElapsedTime(exchange.Times.Started, exchange.Times.Ended).TotalMilliseconds;
        var status = StatusOf(exchange, call);
        metrics.Count(exchange, status, GrpcStatusOf(exchange, call), call.IsGrpc, milliseconds);
        routes.Count(exchange, status, milliseconds);
        if (!log.IsOn) return;
        log.Write(AccessLogEntry.Of(exchange) with
        {
            ResponseCode = status,
            DurationMilliseconds = (long)milliseconds,
            ResponseMilliseconds = exchange.Times.ResponseHeaders == 0 ? null : (long)time.GetElapsedTime(exchange.Times.Started, exchange.Times.ResponseHeaders).TotalMilliseconds,
        });
    }

    // A client that left before headers went down got no status at all.
    private static int StatusOf(Exchange exchange, ServerCall call) =>
        exchange.Flags.HasFlag(ResponseFlag.DC) && !call.HasStarted ? 0 : call.Status;

    private static int? GrpcStatusOf(Exchange exchange, ServerCall call)
    {
        if (!call.IsGrpc) return null;
        if (exchange.LastTry.GrpcStatus is { } early) return early;
        return int.TryParse(call.ResponseHeader("grpc-status") ?? call.ResponseTrailer("grpc-status"), out var status) ? status : null;
    }
}
