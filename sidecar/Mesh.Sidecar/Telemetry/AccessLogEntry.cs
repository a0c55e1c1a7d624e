using System.Net;

namespace Mesh.Sidecar.Telemetry;

// What is told about traffic. What enters: exchanges and TCP connections that ended. What leaves: one line each, and
// counters. What never happens here: a wait (a full log drops lines and counts them), a change of the exchange.

/// <summary>One request or TCP connection, as its log line tells it. <c>null</c> and empty are written as <c>-</c>.</summary>
public readonly record struct AccessLogEntry
{
    public DateTimeOffset StartTime { get; init; }

    public string? Method { get; init; }

    public string? Path { get; init; }

    public string? Protocol { get; init; }

    public int ResponseCode { get; init; }

    public ResponseFlag Flags { get; init; }

    public string? ResponseCodeDetails { get; init; }

    public string? ConnectionTerminationDetails { get; init; }

    public string? UpstreamTransportFailureReason { get; init; }

    public long BytesReceived { get; init; }

    public long BytesSent { get; init; }

    public long DurationMilliseconds { get; init; }

    /// <summary>From arrival until the response headers were here; <c>null</c> before.</summary>
    public long? ResponseMilliseconds { get; init; }

    public string? UpstreamServiceTime { get; init; }

    public string? ForwardedFor { get; init; }

    public string? UserAgent { get; init; }

    public string? RequestId { get; init; }

    public string? Authority { get; init; }

    public EndPoint? UpstreamHost { get; init; }

    public string? UpstreamCluster { get; init; }

    public IPEndPoint? UpstreamLocalAddress { get; init; }

    public IPEndPoint? DownstreamLocalAddress { get; init; }

    public IPEndPoint? DownstreamRemoteAddress { get; init; }

    public string? RequestedServerName { get; init; }

    public string? RouteName { get; init; }

    /// <summary>The request, for what a format asks beyond the fields above; <c>null</c> of TCP.</summary>
    public Exchange? Exchange { get; init; }

    /// <summary>A request as far as it has come.</summary>
    public static AccessLogEntry Of(Exchange exchange)
    {
        var headers = exchange.Headers;
        var call = exchange.Call;
        return new AccessLogEntry
        {
            StartTime = exchange.Times.Arrived,
            Method = exchange.Method,
            Path = headers.Get("x-envoy-original-path") is { Length: > 0 } asked ? asked : exchange.Query.Length == 0 ? exchange.Path : exchange.Path + exchange.Query,
            Protocol = exchange.Protocol,
            ResponseCode = call?.Status ?? 0,
            Flags = exchange.Flags,
            ResponseCodeDetails = ResponseDetails.Of(exchange),
            UpstreamTransportFailureReason = exchange.LastTry.Reason,
            BytesReceived = call?.BytesReceived ?? 0,
            BytesSent = call?.BytesSent ?? 0,
            UpstreamServiceTime = call?.ResponseHeader("x-envoy-upstream-service-time"),
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
            Exchange = exchange,
        };
    }
}
