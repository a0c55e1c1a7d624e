using System.Globalization;
using System.Net;
using Mesh.Config;

namespace Mesh.Sidecar.Telemetry;

/// <summary>Fills in Envoy's operators (<see cref="FormatText"/>) for one request or connection.</summary>
public static class FormatOperators
{
    /// <summary>The value; <c>null</c> where there is none.</summary>
    public static string? Value(FormatPiece piece, in AccessLogEntry entry)
    {
        var value = Whole(piece, entry);
        return value is not null && piece.MaxLength is { } most && value.Length > most ? value[..most] : value;
    }

    /// <summary>The value of an operator that is a number; <c>null</c> of others.</summary>
    public static long? Number(FormatPiece piece, in AccessLogEntry e) => piece.Operator switch
    {
        "BYTES_RECEIVED" => e.BytesReceived,
        "BYTES_SENT" => e.BytesSent,
        "DURATION" => e.DurationMilliseconds,
        "RESPONSE_CODE" => e.ResponseCode,
        "RESPONSE_DURATION" => e.ResponseMilliseconds,
        "UPSTREAM_REQUEST_ATTEMPT_COUNT" => e.Exchange?.Attempts,
        "DOWNSTREAM_LOCAL_PORT" => e.DownstreamLocalAddress?.Port,
        "DOWNSTREAM_REMOTE_PORT" => e.DownstreamRemoteAddress?.Port,
        "GRPC_STATUS_NUMBER" => GrpcStatus(e),
        _ => null,
    };

    private static string? Whole(FormatPiece piece, in AccessLogEntry e) => piece.Operator switch
    {
        "REQ" => Header(piece.Argument, e, RequestHeader),
        "RESP" => Header(piece.Argument, e, static (name, entry) => entry.Exchange?.Call?.ResponseHeader(name)),
        "TRAILER" => Header(piece.Argument, e, static (name, entry) => entry.Exchange?.Call?.ResponseTrailer(name)),
        "START_TIME" => TimePattern.Write(e.StartTime, piece.Argument),
        "PROTOCOL" => e.Protocol,
        "HOSTNAME" => Environment.MachineName,
        "ENVIRONMENT" => Environment.GetEnvironmentVariable(piece.Argument),
        "RESPONSE_CODE_DETAILS" => e.ResponseCodeDetails,
        "RESPONSE_FLAGS" => ResponseFlags.Text(e.Flags),
        "CONNECTION_TERMINATION_DETAILS" => e.ConnectionTerminationDetails,
        "UPSTREAM_TRANSPORT_FAILURE_REASON" => e.UpstreamTransportFailureReason,
        "UPSTREAM_CLUSTER" or "UPSTREAM_CLUSTER_RAW" => e.UpstreamCluster,
        "UPSTREAM_HOST" or "UPSTREAM_REMOTE_ADDRESS" => e.UpstreamHost?.ToString(),
        "UPSTREAM_LOCAL_ADDRESS" => e.UpstreamLocalAddress?.ToString(),
        "DOWNSTREAM_LOCAL_ADDRESS" => e.DownstreamLocalAddress?.ToString(),
        "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT" => AddressOf(e.DownstreamLocalAddress),
        "DOWNSTREAM_REMOTE_ADDRESS" or "DOWNSTREAM_DIRECT_REMOTE_ADDRESS" => e.DownstreamRemoteAddress?.ToString(),
        "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT" or "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT" => AddressOf(e.DownstreamRemoteAddress),
        "DOWNSTREAM_PEER_URI_SAN" => e.Exchange?.MutualTls?.Uri,
        "REQUESTED_SERVER_NAME" => e.RequestedServerName,
        "ROUTE_NAME" => e.RouteName,
        "GRPC_STATUS" => GrpcStatus(e) is { } status ? GrpcStatusNames.Of(status) : null,
        _ => Number(piece, e)?.ToString(CultureInfo.InvariantCulture),
    };

    // "X?Y" asks for Y where there is no X.
    private static string? Header(string argument, in AccessLogEntry entry, Func<string, AccessLogEntry, string?> read)
    {
        var question = argument.IndexOf('?');
        if (question < 0) return read(argument.Trim(), entry);
        return read(argument[..question].Trim(), entry) is { Length: > 0 } first ? first : read(argument[(question + 1)..].Trim(), entry);
    }

    private static string? RequestHeader(string name, AccessLogEntry entry)
    {
        if (entry.Exchange is not { } exchange) return null;
        return name.ToLowerInvariant() switch
        {
            ":method" => exchange.Method,
            ":path" => exchange.Path + exchange.Query,
            ":authority" or "host" => exchange.Authority,
            ":scheme" => exchange.Scheme,
            _ => exchange.Headers.Get(name),
        };
    }

    private static string? AddressOf(IPEndPoint? endpoint) => endpoint?.Address.ToString();

    private static int? GrpcStatus(in AccessLogEntry entry)
    {
        if (entry.Exchange is not { Call: { IsGrpc: true } call } exchange) return null;
        if (exchange.LastTry.GrpcStatus is { } early) return early;
        return int.TryParse(call.ResponseHeader("grpc-status") ?? call.ResponseTrailer("grpc-status"), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : null;
    }
}
