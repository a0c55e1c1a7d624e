using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Mesh.Sidecar.Telemetry;

/// <summary>Istio's default access-log line, as text and as JSON (pilot's telemetry_logging formats).</summary>
public static class AccessLogFormat
{
    /// <summary>Writes one line, line feed included.</summary>
    public static void Write(ArrayBufferWriter<byte> to, in AccessLogEntry entry, bool json)
    {
        if (json) WriteJson(to, entry);
        else WriteText(to, entry);
        to.Write("\n"u8);
    }

    private static void WriteText(ArrayBufferWriter<byte> to, in AccessLogEntry e)
    {
        to.Write("["u8);
        WriteTime(to, e.StartTime);
        to.Write("] \""u8);
        Word(to, e.Method, after: ' ');
        Word(to, e.Path, after: ' ');
        Word(to, e.Protocol, after: '"');
        to.Write(" "u8);
        Number(to, e.ResponseCode);
        Word(to, ResponseFlags.Text(e.Flags));
        Word(to, e.ResponseCodeDetails);
        Word(to, e.ConnectionTerminationDetails);
        Quoted(to, e.UpstreamTransportFailureReason);
        Number(to, e.BytesReceived);
        Number(to, e.BytesSent);
        Number(to, e.DurationMilliseconds);
        Word(to, e.UpstreamServiceTime);
        Quoted(to, e.ForwardedFor);
        Quoted(to, e.UserAgent);
        Quoted(to, e.RequestId);
        Quoted(to, e.Authority);
        to.Write("\""u8);
        Address(to, e.UpstreamHost);
        to.Write("\" "u8);
        Word(to, e.UpstreamCluster);
        Address(to, e.UpstreamLocalAddress);
        to.Write(" "u8);
        Address(to, e.DownstreamLocalAddress);
        to.Write(" "u8);
        Address(to, e.DownstreamRemoteAddress);
        to.Write(" "u8);
        Word(to, e.RequestedServerName);
        Word(to, e.RouteName, after: null);
    }

    private static void WriteJson(ArrayBufferWriter<byte> to, in AccessLogEntry e)
    {
        using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        Member(json, "authority", e.Authority);
        json.WriteNumber("bytes_received", e.BytesReceived);
        json.WriteNumber("bytes_sent", e.BytesSent);
        Member(json, "connection_termination_details", e.ConnectionTerminationDetails);
        Member(json, "downstream_local_address", e.DownstreamLocalAddress?.ToString());
        Member(json, "downstream_remote_address", e.DownstreamRemoteAddress?.ToString());
        json.WriteNumber("duration", e.DurationMilliseconds);
        Member(json, "method", e.Method);
        Member(json, "path", e.Path);
        Member(json, "protocol", e.Protocol);
        Member(json, "request_id", e.RequestId);
        Member(json, "requested_server_name", e.RequestedServerName);
        json.WriteNumber("response_code", e.ResponseCode);
        Member(json, "response_code_details", e.ResponseCodeDetails);
        Member(json, "response_flags", ResponseFlags.Text(e.Flags));
        Member(json, "route_name", e.RouteName);
        json.WriteString("start_time", e.StartTime.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        Member(json, "upstream_cluster", e.UpstreamCluster);
        Member(json, "upstream_host", e.UpstreamHost?.ToString());
        Member(json, "upstream_local_address", e.UpstreamLocalAddress?.ToString());
        Member(json, "upstream_service_time", e.UpstreamServiceTime);
        Member(json, "upstream_transport_failure_reason", e.UpstreamTransportFailureReason);
        Member(json, "user_agent", e.UserAgent);
        Member(json, "x_forwarded_for", e.ForwardedFor);
        json.WriteEndObject();
    }

    private static void Member(Utf8JsonWriter json, string name, string? value)
    {
        if (string.IsNullOrEmpty(value)) json.WriteNull(name);
        else json.WriteString(name, value);
    }

    private static void WriteTime(ArrayBufferWriter<byte> to, DateTimeOffset time)
    {
        var span = to.GetSpan(32);
        time.UtcDateTime.TryFormat(span, out var written, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'");
        to.Advance(written);
    }

    private static void Number(ArrayBufferWriter<byte> to, long value)
    {
        var span = to.GetSpan(24);
        value.TryFormat(span, out var written);
        to.Advance(written);
        to.Write(" "u8);
    }

    private static void Word(ArrayBufferWriter<byte> to, string? value, char? after = ' ')
    {
        Text(to, value);
        if (after is { } end) to.Write([(byte)end]);
    }

    private static void Quoted(ArrayBufferWriter<byte> to, string? value)
    {
        to.Write("\""u8);
        Text(to, value);
        to.Write("\" "u8);
    }

    private static void Text(ArrayBufferWriter<byte> to, string? value)
    {
        if (string.IsNullOrEmpty(value)) to.Write("-"u8);
        else Encoding.UTF8.GetBytes(value, to);
    }

    private static void Address(ArrayBufferWriter<byte> to, EndPoint? place)
    {
        if (place is not IPEndPoint address)
        {
            Text(to, place?.ToString()); // a socket's path
            return;
        }

        var v6 = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        var span = to.GetSpan(80);
        var at = 0;
        if (v6) span[at++] = (byte)'[';
        address.Address.TryFormat(span[at..], out var written);
        at += written;
        if (v6) span[at++] = (byte)']';
        span[at++] = (byte)':';
        address.Port.TryFormat(span[at..], out written);
        to.Advance(at + written);
    }
}
