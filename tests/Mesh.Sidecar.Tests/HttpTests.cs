using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Sidecar.Tests;

public sealed class HttpTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_to_a_service_reaches_its_endpoint_by_its_Host_header()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync($"{c.Request.Method} {c.Request.Path} for {c.Request.Host}"));
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, app.Port));
        using var client = sidecar.Client();

        Assert.Equal("GET /a/b for reviews:9080", await client.GetStringAsync("http://reviews:9080/a/b", Cancel));
    }

    [Fact]
    public async Task An_inbound_request_reaches_the_application_from_the_inbound_source_address()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync($"{c.Connection.RemoteIpAddress} {c.Request.Host}"));
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithInbound(app.Port, AppProtocol.Http));
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, app.Port);
        using var client = sidecar.InboundClient();

        Assert.Equal("127.0.0.6 anything", await client.GetStringAsync("http://anything/", Cancel));
    }

    [Fact]
    public async Task An_inbound_port_nobody_declared_is_passed_to_the_application()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("here"));
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig());
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, app.Port);
        using var client = sidecar.InboundClient();

        Assert.Equal("here", await client.GetStringAsync("http://anything/", Cancel));
    }

    [Fact]
    public async Task The_target_is_sent_as_it_was_matched_byte_for_byte()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync(c.Features.Get<IHttpRequestFeature>()!.RawTarget));
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));

        var body = await RawRequestAsync(sidecar, "GET /a%2Fb//c%20d;p=1/?q=a%20b&x=%7B|y HTTP/1.1\r\nHost: reviews\r\nConnection: close\r\n\r\n");

        Assert.EndsWith("\r\n\r\n/a%2Fb//c%20d;p=1/?q=a%20b&x=%7B|y", Dechunk(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_arrive_unchanged_and_none_is_invented_but_those_of_Istio()
    {
        string? head = null;
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            head = await RawServer.ReadHeadAsync(socket, cancellation);
            await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nAlt-Svc: h3\r\nServer: mine\r\n\r\n"u8.ToArray(), cancellation);
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(server.Port));

        var answer = await RawRequestAsync(sidecar, """
            GET /x HTTP/1.1
            Host: reviews:9080
            traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
            Upgrade-Insecure-Requests: 1
            Proxy-Authorization: Basic abc
            Content-Type: text/odd
            X-Request-Id: mine
            X-Empty:
            Connection: close


            """.ReplaceLineEndings("\r\n"));

        var names = head!.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split(':')[0].ToLowerInvariant()).Order().ToArray();
        Assert.Equal(
            ["content-length", "content-type", "host", "proxy-authorization", "traceparent", "upgrade-insecure-requests", "x-empty", "x-envoy-attempt-count", "x-forwarded-proto", "x-request-id"],
            names);
        Assert.Contains("Host: reviews:9080\r\n", head, StringComparison.Ordinal);
        Assert.Contains("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", head, StringComparison.Ordinal);
        Assert.Contains("X-Request-Id: mine", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("x-envoy-attempt-count: 1", head, StringComparison.Ordinal);
        Assert.Contains("x-forwarded-proto: http", head, StringComparison.Ordinal);
        Assert.Contains("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Alt-Svc: h3", answer, StringComparison.Ordinal);
        Assert.Contains("Server: envoy", answer, StringComparison.Ordinal);
        Assert.Contains("x-envoy-upstream-service-time: ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_that_Connection_names_go_no_further_than_one_connection()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync(c.Request.Headers.ContainsKey("x-hop") ? "came through" : "stayed"));
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));
        using var client = sidecar.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://reviews/");
        request.Headers.Add("X-Hop", "1");
        request.Headers.Add("Connection", "X-Hop");

        using var response = await client.SendAsync(request, Cancel);

        Assert.Equal("stayed", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Bytes_of_header_values_beyond_ASCII_pass_both_ways()
    {
        string? seen = null;
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            seen = await RawServer.ReadHeadAsync(socket, cancellation);
            await socket.SendAsync(Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Name: J\u00fcrgen\r\n\r\n"), cancellation);
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(server.Port));

        var answer = await RawRequestAsync(sidecar, "GET / HTTP/1.1\r\nHost: reviews\r\nX-Name: Ren\u00e9\r\nConnection: close\r\n\r\n");

        Assert.Contains("X-Name: Ren\u00e9\r\n", seen, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("X-Name: J\u00fcrgen\r\n", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_request_without_an_id_gets_one()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync(c.Request.Headers["x-request-id"].ToString()));
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));
        using var client = sidecar.Client();

        Assert.True(Guid.TryParse(await client.GetStringAsync("http://reviews/", Cancel), out _));
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    [InlineData(418)]
    [InlineData(500)]
    public async Task A_status_passes_as_it_is(int status)
    {
        await using var app = await TestApp.StartAsync(c =>
        {
            c.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/", Cancel);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_HEAD_response_keeps_its_length_and_has_no_body()
    {
        await using var app = await TestApp.StartAsync(c =>
        {
            c.Response.ContentLength = 1234;
            return Task.CompletedTask;
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));
        using var client = sidecar.Client();

        using var response = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "http://reviews/"), Cancel);

        Assert.Equal(1234, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_body_larger_than_any_buffer_streams_up_and_down()
    {
        const long Size = 256L * 1024 * 1024;
        await using var app = await TestApp.StartAsync(async c =>
        {
            var buffer = new byte[64 * 1024];
            var total = 0L;
            int count;
            while ((count = await c.Request.Body.ReadAsync(buffer)) > 0) total += count;
            for (c.Response.ContentLength = total; total > 0; total -= count)
                await c.Response.Body.WriteAsync(buffer.AsMemory(0, count = (int)Math.Min(total, buffer.Length)));
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));
        using var client = sidecar.Client();
        var request = new HttpRequestMessage(HttpMethod.Post, "http://reviews/") { Content = new StreamContent(new ZeroStream(Size)) };
        request.Content.Headers.ContentLength = Size;

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);

        await using var body = await response.Content.ReadAsStreamAsync(Cancel);
        Assert.Equal(Size, await CountAsync(body));
    }

    [Fact]
    public async Task Expect_100_continue_holds_the_body_until_the_endpoint_wants_it()
    {
        var bodyRead = false;
        await using var app = await TestApp.StartAsync(async c =>
        {
            if (c.Request.Path == "/no")
            {
                c.Response.StatusCode = 403;
                return;
            }

            bodyRead = true;
            await c.Response.WriteAsync(await new StreamReader(c.Request.Body).ReadToEndAsync());
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));

        using var client = await sidecar.ConnectOutboundAsync();
        var stream = client.GetStream();
        await stream.WriteAsync("POST /yes HTTP/1.1\r\nHost: reviews\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"u8.ToArray(), Cancel);
        Assert.StartsWith("HTTP/1.1 100 ", await RawServer.ReadHeadAsync(client.Client, Cancel), StringComparison.Ordinal);
        await stream.WriteAsync("hello"u8.ToArray(), Cancel);
        Assert.StartsWith("HTTP/1.1 200 ", await RawServer.ReadHeadAsync(client.Client, Cancel), StringComparison.Ordinal);
        Assert.True(bodyRead);

        using var refused = await sidecar.ConnectOutboundAsync();
        await refused.GetStream().WriteAsync("POST /no HTTP/1.1\r\nHost: reviews\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n"u8.ToArray(), Cancel);
        Assert.StartsWith("HTTP/1.1 403 ", await RawServer.ReadHeadAsync(refused.Client, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Response_headers_go_down_before_a_body_that_comes_late()
    {
        var more = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(async c =>
        {
            c.Response.ContentType = "text/event-stream";
            await c.Response.Body.FlushAsync();
            await more.Task;
            await c.Response.WriteAsync("data: 1\n\n");
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/", HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        more.SetResult();

        Assert.Equal("data: 1\n\n", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task An_endpoint_that_refuses_an_upload_before_reading_it_is_heard()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            await RawServer.ReadHeadAsync(socket, cancellation);
            await socket.SendAsync("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellation);
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(server.Port));
        using var client = sidecar.Client();

        using var response = await client.PostAsync("http://reviews/", new StreamContent(new ZeroStream(16 * 1024 * 1024)), Cancel);

        Assert.Equal(413, (int)response.StatusCode);
    }

    [Fact]
    public async Task Pipelined_requests_and_a_kept_connection_are_answered_in_order()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync(c.Request.Path));
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));

        var answer = await RawRequestAsync(sidecar,
            "GET /1 HTTP/1.1\r\nHost: reviews\r\n\r\nGET /2 HTTP/1.1\r\nHost: reviews\r\n\r\nGET /3 HTTP/1.1\r\nHost: reviews\r\nConnection: close\r\n\r\n");

        Assert.True(answer.IndexOf("/1", StringComparison.Ordinal) < answer.IndexOf("/2", StringComparison.Ordinal));
        Assert.True(answer.IndexOf("/2", StringComparison.Ordinal) < answer.IndexOf("/3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_sends_and_reads_slowly_is_served()
    {
        await using var app = await TestApp.StartAsync(async c =>
        {
            var text = await new StreamReader(c.Request.Body).ReadToEndAsync();
            await c.Response.WriteAsync(text);
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));
        using var client = await sidecar.ConnectOutboundAsync();
        foreach (var c in "POST / HTTP/1.1\r\nHost: reviews\r\nContent-Length: 4\r\nConnection: close\r\n\r\nslow")
        {
            await client.GetStream().WriteAsync(new[] { (byte)c }, Cancel);
            await Task.Yield();
        }

        using var reader = new StreamReader(client.GetStream());
        Assert.EndsWith("slow", Dechunk(await reader.ReadToEndAsync(Cancel)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_thousand_short_connections_all_get_their_answer()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("ok"));
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));
        var request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: reviews\r\nConnection: close\r\n\r\n");
        var good = 0;

        await Parallel.ForAsync(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Cancel }, async (_, cancellation) =>
        {
            using var client = await sidecar.ConnectOutboundAsync();
            await client.GetStream().WriteAsync(request, cancellation);
            if ((await RawServer.ReadHeadAsync(client.Client, cancellation)).StartsWith("HTTP/1.1 200", StringComparison.Ordinal)) Interlocked.Increment(ref good);
        });

        Assert.Equal(10_000, good);
    }

    [Fact]
    public async Task A_malformed_request_is_answered_400()
    {
        await using var sidecar = await TestSidecar.StartAsync(Reviews(RawServer.ClosedPort()));

        Assert.StartsWith("HTTP/1.1 400 ", await RawRequestAsync(sidecar, "GET / HTTP/1.1\r\nHost: reviews\r\nContent-Length: x\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_past_60_KiB_are_answered_431()
    {
        await using var sidecar = await TestSidecar.StartAsync(Reviews(RawServer.ClosedPort()));

        var answer = await RawRequestAsync(sidecar, $"GET / HTTP/1.1\r\nHost: reviews\r\nX-Big: {new string('x', 61 * 1024)}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
    }

    private static SidecarConfig Reviews(int port) => new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, port);

    private static async Task<string> RawRequestAsync(TestSidecar sidecar, string request)
    {
        using var client = await sidecar.ConnectOutboundAsync();
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), Cancel);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        try
        {
            return await reader.ReadToEndAsync(Cancel);
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return "";
        }
    }

    /// <summary>Head and body with the frames of one-chunk bodies taken out; enough for these tests.</summary>
    private static string Dechunk(string response)
    {
        var split = response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        if (!response[..split].Contains("chunked", StringComparison.OrdinalIgnoreCase)) return response;
        var lines = response[split..].Split("\r\n");
        return response[..split] + lines[1];
    }

    private static async Task<long> CountAsync(Stream body)
    {
        var buffer = new byte[64 * 1024];
        var total = 0L;
        int count;
        while ((count = await body.ReadAsync(buffer, Cancel)) > 0) total += count;
        return total;
    }
}
