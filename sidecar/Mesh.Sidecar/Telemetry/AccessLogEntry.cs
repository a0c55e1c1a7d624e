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

    public string? UpstreamServiceTime { get; init; }

    public string? ForwardedFor { get; init; }

    public string? UserAgent { get; init; }

    public string? RequestId { get; init; }

    public string? Authority { get; init; }

    public IPEndPoint? UpstreamHost { get; init; }

    public string? UpstreamCluster { get; init; }

    public IPEndPoint? UpstreamLocalAddress { get; init; }

    public IPEndPoint? DownstreamLocalAddress { get; init; }

    public IPEndPoint? DownstreamRemoteAddress { get; init; }

    public string? RequestedServerName { get; init; }

    public string? RouteName { get; init; }
}
