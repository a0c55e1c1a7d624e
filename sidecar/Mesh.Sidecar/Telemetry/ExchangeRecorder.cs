using Mesh.Sidecar.Http;

namespace Mesh.Sidecar.Telemetry;

/// <summary>Writes down an exchange that ended: one log line, one count in each metric.</summary>
public sealed class ExchangeRecorder(AccessLog log, ProxyMetrics metrics, TimeProvider time)
{
    /// <summary>The exchange is done.</summary>
    public void Record(Exchange exchange)
    {
        if (exchange.Call is not { } call) return;
        var milliseconds = time.GetElapsedTime(exchange.Times.Started, exchange.Times.Ended).TotalMilliseconds;
        var status = StatusOf(exchange, call);
        metrics.Count(exchange, status, GrpcStatusOf(exchange, call), call.IsGrpc, milliseconds);
        if (!log.IsOn) return;
        var headers = exchange.Headers;
        log.Write(new AccessLogEntry
        {
            StartTime = exchange.Times.Arrived,
            Method = exchange.Method,
            Path = exchange.Query.Length == 0 ? exchange.Path : exchange.Path + exchange.Query,
            Protocol = exchange.Protocol,
            ResponseCode = status,
            Flags = exchange.Flags,
            ResponseCodeDetails = ResponseDetails.Of(exchange),
            UpstreamTransportFailureReason = exchange.LastTry.Reason,
            BytesReceived = call.BytesReceived,
            BytesSent = call.BytesSent,
            DurationMilliseconds = (long)milliseconds,
            UpstreamServiceTime = call.ResponseHeader("x-envoy-upstream-service-time"),
            ForwardedFor = headers.Get("x-forwarded-for"),
            UserAgent = headers.Get("user-agent"),
            RequestId = headers.Get("x-request-id"),
            Authority = exchange.Authority,
            UpstreamHost = exchange.Endpoint?.Address,
            UpstreamCluster = exchange.ClusterName,
            DownstreamLocalAddress = exchange.DownstreamLocal,
            DownstreamRemoteAddress = exchange.DownstreamRemote,
            RequestedServerName = exchange.ServerName,
            RouteName = exchange.Route?.Config.Name,
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
