using System.Buffers;
using System.Net;
using System.Text;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Tests.Telemetry;

/// <summary>Istio's lines, field by field (pilot's default access-log formats).</summary>
public sealed class AccessLogFormatTests
{
    private static readonly AccessLogEntry Request = new()
    {
        StartTime = new DateTimeOffset(2026, 11, 22, 21, 26, 18, 409, TimeSpan.Zero),
        Method = "GET",
        Path = "/status/418?a=b",
        Protocol = "HTTP/1.1",
        ResponseCode = 418,
        ResponseCodeDetails = "via_upstream",
        BytesReceived = 0,
        BytesSent = 135,
        DurationMilliseconds = 3,
        UpstreamServiceTime = "1",
        UserAgent = "curl/7.73.0-DEV",
        RequestId = "84961386-6d84-929d-98bd-c5aee93b5c88",
        Authority = "httpbin:8000",
        UpstreamHost = new IPEndPoint(IPAddress.Parse("10.44.1.27"), 80),
        UpstreamCluster = "outbound|8000||httpbin.foo.svc.cluster.local",
        UpstreamLocalAddress = new IPEndPoint(IPAddress.Parse("10.44.1.23"), 37652),
        DownstreamLocalAddress = new IPEndPoint(IPAddress.Parse("10.0.45.184"), 8000),
        DownstreamRemoteAddress = new IPEndPoint(IPAddress.Parse("10.44.1.23"), 46520),
        RouteName = "default",
    };

    [Fact]
    public void A_request_is_one_line_in_the_default_field_order() => Assert.Equal(
        """[2026-11-22T21:26:18.409Z] "GET /status/418?a=b HTTP/1.1" 418 - via_upstream - "-" 0 135 3 1 "-" "curl/7.73.0-DEV" "84961386-6d84-929d-98bd-c5aee93b5c88" "httpbin:8000" "10.44.1.27:80" outbound|8000||httpbin.foo.svc.cluster.local 10.44.1.23:37652 10.0.45.184:8000 10.44.1.23:46520 - default""" + "\n",
        Line(Request, json: false));

    [Fact]
    public void A_TCP_connection_is_one_line_in_the_same_order() => Assert.Equal(
        """[2026-11-22T21:26:18.409Z] "- - -" 0 UF,URX - - "connection refused" 140 0 8 - "-" "-" "-" "-" "[fd00::1]:6379" outbound|6379||db - - - db.example.com -""" + "\n",
        Line(new AccessLogEntry
        {
            StartTime = Request.StartTime,
            Flags = ResponseFlag.UF | ResponseFlag.URX,
            UpstreamTransportFailureReason = "connection refused",
            BytesReceived = 140,
            DurationMilliseconds = 8,
            UpstreamHost = new IPEndPoint(IPAddress.Parse("fd00::1"), 6379),
            UpstreamCluster = "outbound|6379||db",
            RequestedServerName = "db.example.com",
        }, json: false));

    [Fact]
    public void JSON_has_Istios_keys_and_null_for_what_is_not_there() => Assert.Equal(
        """{"authority":"httpbin:8000","bytes_received":0,"bytes_sent":135,"connection_termination_details":null,"downstream_local_address":"10.0.45.184:8000","downstream_remote_address":"10.44.1.23:46520","duration":3,"method":"GET","path":"/status/418?a=b","protocol":"HTTP/1.1","request_id":"84961386-6d84-929d-98bd-c5aee93b5c88","requested_server_name":null,"response_code":418,"response_code_details":"via_upstream","response_flags":"-","route_name":"default","start_time":"2026-11-22T21:26:18.409Z","upstream_cluster":"outbound|8000||httpbin.foo.svc.cluster.local","upstream_host":"10.44.1.27:80","upstream_local_address":"10.44.1.23:37652","upstream_service_time":"1","upstream_transport_failure_reason":null,"user_agent":"curl/7.73.0-DEV","x_forwarded_for":null}""" + "\n",
        Line(Request, json: true));

    private static string Line(AccessLogEntry entry, bool json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        AccessLogFormat.Write(buffer, entry, json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
