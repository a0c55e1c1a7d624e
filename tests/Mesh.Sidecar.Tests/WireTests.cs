using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

/// <summary>Clients and servers as they are met in the wild, byte for byte.</summary>
public sealed class WireTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_of_HTTP_1_0_gets_a_body_without_chunks_and_then_the_end()
    {
        await using var app = await TestApp.StartAsync(async c =>
        {
            await c.Response.WriteAsync("one ");
            await c.Response.Body.FlushAsync();
            await c.Response.WriteAsync("two");
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));

        var answer = await sidecar.SendRawAsync("GET / HTTP/1.0\r\nHost: reviews\r\n\r\n", Cancel);

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("chunked", answer, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("\r\n\r\none two", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_may_ask_to_keep_the_connection()
    {
        await using var app = await TestApp.StartAsync(c =>
        {
            c.Response.ContentLength = 2;
            return c.Response.WriteAsync("ok");
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));

        var answer = await sidecar.SendRawAsync("GET / HTTP/1.0\r\nHost: reviews\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\nHost: reviews\r\n\r\n", Cancel);

        Assert.Equal(3, answer.Split("HTTP/1.1 200 ").Length);
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_that_names_no_host_means_the_address_it_connected_to()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync($"for {c.Request.Host}"));
        var config = Reviews(app.Port);
        config = config with { Routes = [.. config.Routes.Select(table => table with { VirtualHosts = [.. table.VirtualHosts.Select(host => host with { Domains = host.Domains.Add("10.96.0.1") })] })] };
        await using var sidecar = await TestSidecar.StartAsync(config);

        Assert.EndsWith("for 10.96.0.1:9080", await sidecar.SendRawAsync("GET / HTTP/1.0\r\n\r\n", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_in_chunks_arrives_in_chunks_with_trailers_left_out()
    {
        var seen = "";
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            var text = new StringBuilder();
            var buffer = new byte[4096];
            while (!text.ToString().EndsWith("0\r\n\r\n", StringComparison.Ordinal))
            {
                var count = await socket.ReceiveAsync(buffer, cancellation);
                if (count == 0) break;
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }

            seen = text.ToString();
            await socket.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-end\r\n\r\n3\r\nyes\r\n0\r\nx-end: 1\r\n\r\n"u8.ToArray(), cancellation);
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(server.Port));

        var answer = await sidecar.SendRawAsync(
            "POST / HTTP/1.1\r\nHost: reviews\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\nx-sum: 7\r\n\r\n", Cancel);

        // Trailers of requests, and those of answers over HTTP/1.1, are what the outgoing end does not carry (docs/differences.md).
        Assert.Contains("Transfer-Encoding: chunked\r\n", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("x-sum: 7", seen, StringComparison.Ordinal);
        Assert.Equal("hello!", Dechunked(seen));
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Equal("yes", Dechunked(answer));
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task An_answer_that_can_have_no_body_leaves_the_connection_usable(int status)
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            for (var i = 0; i < 2; i++)
            {
                await RawServer.ReadHeadAsync(socket, cancellation);
                await socket.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Any\r\nETag: \"{i}\"\r\n\r\n"), cancellation);
            }
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(server.Port));
        using var client = sidecar.Client();

        for (var i = 0; i < 2; i++)
        {
            using var response = await client.GetAsync("http://reviews/", Cancel);
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal($"\"{i}\"", response.Headers.ETag!.Tag);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
        }

        Assert.Equal(1, server.Accepted);
    }

    [Fact]
    public async Task Requests_sent_ahead_are_answered_in_their_order()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync($"[{c.Request.Path}]"));
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));
        var requests = string.Concat(Enumerable.Range(0, 20).Select(i => $"POST /{i} HTTP/1.1\r\nHost: reviews\r\nContent-Length: 3\r\n\r\nabc"));

        var answer = await sidecar.SendRawAsync(requests + "GET /last HTTP/1.1\r\nHost: reviews\r\nConnection: close\r\n\r\n", Cancel);

        var order = Enumerable.Range(0, 20).Select(i => answer.IndexOf($"[/{i}]", StringComparison.Ordinal)).Append(answer.IndexOf("[/last]", StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, order);
        Assert.Equal(order.Order(), order);
    }

    [Fact]
    public async Task Almost_60_KiB_of_headers_pass()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync($"{c.Request.Headers.Where(h => h.Key.StartsWith("x-big", StringComparison.Ordinal)).Sum(h => h.Value.ToString().Length)}"));
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));
        var headers = string.Concat(Enumerable.Range(0, 58).Select(i => $"x-big-{i}: {new string('x', 1010)}\r\n"));

        var answer = await sidecar.SendRawAsync($"GET / HTTP/1.1\r\nHost: reviews\r\nConnection: close\r\n{headers}\r\n", Cancel);

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains("58580", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CONNECT reviews:80 HTTP/1.1\r\nHost: reviews:80\r\n\r\n")]
    [InlineData("CONNECT reviews:80 HTTP/1.0\r\n\r\n")]
    public async Task CONNECT_is_refused_and_nothing_is_sent_on(string request)
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\n\r\n");
        await using var sidecar = await TestSidecar.StartAsync(Reviews(server.Port));

        Assert.Matches("^HTTP/1.1 (400|501) ", await sidecar.SendRawAsync(request, Cancel, endAfter: "."));
        Assert.Equal(0, server.Accepted);
    }

    [Fact]
    public async Task An_upgrade_that_the_server_does_not_want_is_an_answer_like_others()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("no"));
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));

        var answer = await sidecar.SendRawAsync(
            "GET / HTTP/1.1\r\nHost: reviews\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", Cancel, endAfter: "no");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
    }

    private static SidecarConfig Reviews(int port) => new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, port);

    private static string Dechunked(string message)
    {
        var body = message[(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        var result = new StringBuilder();
        while (true)
        {
            var line = body[..body.IndexOf("\r\n", StringComparison.Ordinal)];
            var size = Convert.ToInt32(line.Split(';')[0], 16);
            if (size == 0) return result.ToString();
            result.Append(body, line.Length + 2, size);
            body = body[(line.Length + 2 + size + 2)..];
        }
    }
}
