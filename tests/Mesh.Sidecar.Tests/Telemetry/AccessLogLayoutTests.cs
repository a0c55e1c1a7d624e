using System.Buffers;
using System.Net;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Telemetry;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests.Telemetry;

/// <summary>Lines as the mesh's settings ask for them.</summary>
public sealed class AccessLogLayoutTests
{
    private static readonly AccessLogEntry Request = new()
    {
        StartTime = new DateTimeOffset(2026, 11, 22, 21, 26, 18, 409, TimeSpan.Zero),
        Protocol = "HTTP/1.1",
        ResponseCode = 418,
        Flags = ResponseFlag.DI | ResponseFlag.FI,
        DurationMilliseconds = 3,
        UpstreamHost = new IPEndPoint(IPAddress.Parse("10.44.1.27"), 80),
        DownstreamRemoteAddress = new IPEndPoint(IPAddress.Parse("fd00::1"), 46520),
        Exchange = TestExchange.Of(target: "/a?b=c", headers: new HeaderList { { "user-agent", "curl/7.73" } }),
    };

    [Theory]
    [InlineData("%RESPONSE_CODE% %RESPONSE_FLAGS% %DURATION%ms", "418 DI,FI 3ms\n")]
    [InlineData("%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %REQ(:AUTHORITY)% %REQ(x-none)%", "GET /a?b=c reviews:9080 -\n")]
    [InlineData("%REQ(User-Agent):4% %RESP(x-none)% %TRAILER(x-none)%\n", "curl - -\n")]
    [InlineData("%UPSTREAM_HOST% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_REMOTE_PORT% %UPSTREAM_CLUSTER%", "10.44.1.27:80 fd00::1 46520 -\n")]
    [InlineData("%START_TIME% %START_TIME(%Y/%m/%d %H:%M:%S.%3f %s)% %START_TIME(%6f)%", "2026-11-22T21:26:18.409Z 2026/11/22 21:26:18.409 1795382778 409000\n")]
    [InlineData("100%% %PROTOCOL% %OTHER(x)%", "100% HTTP/1.1 -\n")]
    public void A_text_is_filled_in(string format, string line) => Assert.Equal(line, Line(format, json: false));

    [Fact]
    public void A_JSON_object_keeps_numbers_names_and_nesting() => Assert.Equal(
        """{"code":418,"text":"418!","none":null,"dash":"- -","inner":{"flags":"DI,FI"},"list":["HTTP/1.1",true],"seven":7}""" + "\n",
        Line("""{"code": "%RESPONSE_CODE%", "text": "%RESPONSE_CODE%!", "none": "%REQ(x-none)%", "dash": "%REQ(x-none)% %RESP(x)%", "inner": {"flags": "%RESPONSE_FLAGS%"}, "list": ["%PROTOCOL%", true], "seven": 7}""", json: true));

    [Fact]
    public void Every_operator_that_is_promised_is_filled_in()
    {
        foreach (var name in FormatText.Operators)
        {
            var argument = name is "REQ" or "RESP" or "TRAILER" or "ENVIRONMENT" ? "(user-agent)" : "";
            Assert.NotEqual("", Line($"%{name}{argument}%", json: false));
        }

        // What has a value here must not be a dash.
        foreach (var name in new[] { "START_TIME", "PROTOCOL", "RESPONSE_CODE", "RESPONSE_FLAGS", "DURATION", "UPSTREAM_HOST", "UPSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_DIRECT_REMOTE_ADDRESS", "HOSTNAME", "UPSTREAM_REQUEST_ATTEMPT_COUNT", "BYTES_SENT", "BYTES_RECEIVED" })
            Assert.NotEqual("-\n", Line($"%{name}%", json: false));
    }

    [Fact]
    public async Task The_sidecar_writes_the_mesh_s_format()
    {
        await using var app = await TestApp.StartAsync(c =>
        {
            c.Response.Headers["x-version"] = "v7";
            return c.Response.WriteAsync("ok");
        });
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, app.Port);
        config = config with { Mesh = config.Mesh with { AccessLogJson = true, AccessLogFormat = """{"path": "%REQ(:PATH)%", "version": "%RESP(X-Version)%", "status": "%RESPONSE_CODE%"}""" } };
        await using var sidecar = await TestSidecar.StartAsync(config, logged: true);
        using var client = sidecar.Client();

        await client.GetStringAsync("http://reviews/x", TestContext.Current.CancellationToken);

        Assert.Equal("""{"path":"/x","version":"v7","status":200}""", (await sidecar.LogLinesAsync(1))[0]);
    }

    private static string Line(string format, bool json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        AccessLogLayout.Of(new MeshSettings { AccessLogFormat = format, AccessLogJson = json }).Write(buffer, Request);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
