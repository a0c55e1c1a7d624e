using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;

namespace Mesh.Sidecar.Tests;

/// <summary>Requests that two readers could take for different ones: refused, and nothing of them is ever sent on.</summary>
public sealed class HostileRequestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Refused => new()
    {
        { "both lengths", "POST / HTTP/1.1\r\nHost: reviews\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "both lengths, the other order", "POST / HTTP/1.1\r\nHost: reviews\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" },
        { "two different lengths", "POST / HTTP/1.1\r\nHost: reviews\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!" },
        { "a list of lengths", "POST / HTTP/1.1\r\nHost: reviews\r\nContent-Length: 5, 6\r\n\r\nhello!" },
        { "a negative length", "POST / HTTP/1.1\r\nHost: reviews\r\nContent-Length: -5\r\n\r\nhello" },
        { "a hexadecimal length", "POST / HTTP/1.1\r\nHost: reviews\r\nContent-Length: 0x5\r\n\r\nhello" },
        { "a length beyond any", "POST / HTTP/1.1\r\nHost: reviews\r\nContent-Length: 99999999999999999999\r\n\r\nhello" },
        { "an empty length", "POST / HTTP/1.1\r\nHost: reviews\r\nContent-Length:\r\n\r\nhello" },
        { "a coding that is none", "POST / HTTP/1.1\r\nHost: reviews\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" },
        { "identity", "POST / HTTP/1.1\r\nHost: reviews\r\nTransfer-Encoding: identity\r\n\r\n" },
        { "chunked and then something", "POST / HTTP/1.1\r\nHost: reviews\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" },
        { "chunked twice", "POST / HTTP/1.1\r\nHost: reviews\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" },
        { "chunked on two lines", "POST / HTTP/1.1\r\nHost: reviews\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" },
        { "a coding that would be lost", "POST / HTTP/1.1\r\nHost: reviews\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" },
        { "chunked behind a vertical tab", "POST / HTTP/1.1\r\nHost: reviews\r\nTransfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n" },
        { "chunked in HTTP/1.0", "POST / HTTP/1.0\r\nHost: reviews\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "a bare LF after a header", "GET / HTTP/1.1\r\nHost: reviews\nX-A: b\r\n\r\n" },
        { "bare LFs throughout", "GET / HTTP/1.1\nHost: reviews\n\n" },
        { "a bare CR in a value", "GET / HTTP/1.1\r\nHost: reviews\r\nX-A: b\rContent-Length: 5\r\n\r\n" },
        { "a bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: reviews\r\n\r\n" },
        { "a folded header", "GET / HTTP/1.1\r\nHost: reviews\r\nX-A: b\r\n c\r\n\r\n" },
        { "whitespace before the first header", "GET / HTTP/1.1\r\n Host: reviews\r\n\r\n" },
        { "whitespace before the colon", "GET / HTTP/1.1\r\nHost: reviews\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n" },
        { "a header without colon", "GET / HTTP/1.1\r\nHost: reviews\r\nX-A\r\n\r\n" },
        { "a header without name", "GET / HTTP/1.1\r\nHost: reviews\r\n: b\r\n\r\n" },
        { "a name that is none", "GET / HTTP/1.1\r\nHost: reviews\r\nX(A): b\r\n\r\n" },
        { "two hosts", "GET / HTTP/1.1\r\nHost: reviews\r\nHost: ratings\r\n\r\n" },
        { "the same host twice", "GET / HTTP/1.1\r\nHost: reviews\r\nHost: reviews\r\n\r\n" },
        { "no host", "GET / HTTP/1.1\r\nX-A: b\r\n\r\n" },
        { "a host that is none", "GET / HTTP/1.1\r\nHost: rev iews\r\n\r\n" },
        { "a list of hosts", "GET / HTTP/1.1\r\nHost: reviews, ratings\r\n\r\n" },
        { "a host with a path", "GET / HTTP/1.1\r\nHost: reviews/ratings\r\n\r\n" },
        { "a target that names another host", "GET http://ratings/ HTTP/1.1\r\nHost: reviews\r\n\r\n" },
        { "a target with a user", "GET http://reviews@ratings/ HTTP/1.1\r\nHost: reviews\r\n\r\n" },
        { "a NUL in a value", "GET / HTTP/1.1\r\nHost: reviews\r\nX-A: b\0c\r\n\r\n" },
        { "a control character in a value", "GET / HTTP/1.1\r\nHost: reviews\r\nX-A: b\u0001c\r\n\r\n" },
        { "a delete character in a value", "GET / HTTP/1.1\r\nHost: reviews\r\nX-A: b\u007fc\r\n\r\n" },
        { "a control character in the path", "GET /a\u0001b HTTP/1.1\r\nHost: reviews\r\n\r\n" },
        { "a NUL in the path", "GET /a%00b HTTP/1.1\r\nHost: reviews\r\n\r\n" },
        { "a space in the path", "GET /a b HTTP/1.1\r\nHost: reviews\r\n\r\n" },
        { "a control character in the query", "GET /?a\u0001b HTTP/1.1\r\nHost: reviews\r\n\r\n" },
        { "a byte beyond ASCII in the path", "GET /\u00fc HTTP/1.1\r\nHost: reviews\r\n\r\n" },
        { "a relative path", "GET reviews HTTP/1.1\r\nHost: reviews\r\n\r\n" },
        { "a method that is none", "G(T / HTTP/1.1\r\nHost: reviews\r\n\r\n" },
        { "two spaces in the request line", "GET  / HTTP/1.1\r\nHost: reviews\r\n\r\n" },
        { "an unknown version", "GET / HTTP/1.9\r\nHost: reviews\r\n\r\n" },
        { "a version in lower case", "GET / http/1.1\r\nHost: reviews\r\n\r\n" },
        { "no version", "GET /\r\nHost: reviews\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task It_is_refused_with_400_and_never_sent_on(string what, string request)
    {
        _ = what;
        await using var upstream = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, upstream.Port));

        // Whatever follows on the connection is not read as a request any more.
        var answer = await sidecar.SendRawAsync(request + "GET /smuggled HTTP/1.1\r\nHost: reviews\r\nConnection: close\r\n\r\n", Cancel);

        Assert.Matches("^HTTP/1.1 (400|405|501|505) ", answer);
        Assert.Equal(1, answer.Split("HTTP/1.1 ").Length - 1);
        Assert.Equal(0, upstream.Accepted);
    }

    public static TheoryData<string, string> BadBodies => new()
    {
        { "a size that is none", "x\r\nhello\r\n0\r\n\r\n" },
        { "a size with a prefix", "0x5\r\nhello\r\n0\r\n\r\n" },
        { "a size beyond any", "fffffffffffffffff\r\nhello\r\n0\r\n\r\n" },
        { "a negative size", "-1\r\nhello\r\n0\r\n\r\n" },
        { "a size ended by a bare LF", "5\nhello\r\n0\r\n\r\n" },
        { "an extension ended by a bare LF", "5;x\nhello\r\n0\r\n\r\n" },
        { "an extension with a bare CR", "5;x\ry\r\nhello\r\n0\r\n\r\n" },
        { "data longer than its size", "3\r\nhello\r\n0\r\n\r\n" },
        { "data ended by a bare LF", "5\r\nhello\n0\r\n\r\n" },
        { "no size", "\r\nhello\r\n0\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_body_in_bad_chunks_is_refused_and_never_whole_upstream(string what, string body)
    {
        _ = what;
        var seen = new StringBuilder();
        await using var upstream = new RawServer(async (socket, cancellation) =>
        {
            var buffer = new byte[4096];
            int count;
            while ((count = await socket.ReceiveAsync(buffer, cancellation)) > 0)
            {
                lock (seen) seen.Append(Encoding.Latin1.GetString(buffer, 0, count));
                if (seen.ToString().Contains("0\r\n\r\n", StringComparison.Ordinal)) await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), cancellation);
            }
        });
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, upstream.Port), logged: true);

        var answer = await sidecar.SendRawAsync(
            $"POST / HTTP/1.1\r\nHost: reviews\r\nTransfer-Encoding: chunked\r\n\r\n{body}GET /smuggled HTTP/1.1\r\nHost: reviews\r\nConnection: close\r\n\r\n", Cancel);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Equal(1, answer.Split("HTTP/1.1 ").Length - 1);
        lock (seen)
        {
            Assert.DoesNotContain("0\r\n\r\n", seen.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("smuggled", seen.ToString(), StringComparison.Ordinal);
        }

        Assert.Contains("\" 400 DPE downstream_protocol_error ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_of_the_sidecar_s_own_is_logged_with_DPE()
    {
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, RawServer.ClosedPort()), logged: true);

        await sidecar.SendRawAsync("GET / HTTP/1.1\r\nHost: reviews\r\nX-A: b\u0001c\r\n\r\n", Cancel);

        Assert.Contains("\" 400 DPE downstream_protocol_error ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_length_is_sent_on_as_a_number_however_it_was_written()
    {
        var head = "";
        await using var upstream = new RawServer(async (socket, cancellation) =>
        {
            head = await RawServer.ReadHeadAsync(socket, cancellation);
            await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), cancellation);
        });
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, upstream.Port));

        await sidecar.SendRawAsync("POST / HTTP/1.1\r\nHost: reviews\r\nConnection: close\r\nContent-Length: +5\r\n\r\nhello", Cancel);

        Assert.Contains("Content-Length: 5\r\n", head, StringComparison.Ordinal);
    }

    public static TheoryData<string, (string, string)[]> RefusedInHttp2 => new()
    {
        { "a name in upper case", [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "reviews"), ("X-A", "b")] },
        { "a header of one connection", [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "reviews"), ("connection", "close")] },
        { "a transfer coding", [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "reviews"), ("transfer-encoding", "chunked")] },
        { "a TE that is not trailers", [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "reviews"), ("te", "gzip")] },
        { "no path", [(":method", "GET"), (":scheme", "http"), (":authority", "reviews")] },
        { "an empty path", [(":method", "GET"), (":scheme", "http"), (":path", ""), (":authority", "reviews")] },
        { "a path without slash", [(":method", "GET"), (":scheme", "http"), (":path", "a"), (":authority", "reviews")] },
        { "no method", [(":scheme", "http"), (":path", "/"), (":authority", "reviews")] },
        { "two paths", [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":path", "/b"), (":authority", "reviews")] },
        { "a pseudo-header of no meaning", [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "reviews"), (":other", "b")] },
        { "a pseudo-header behind a header", [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("x-a", "b"), (":authority", "reviews")] },
        { "a line feed in a value", [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "reviews"), ("x-a", "b\r\nc: d")] },
        { "a line feed in the path", [(":method", "GET"), (":scheme", "http"), (":path", "/\r\nx: y"), (":authority", "reviews")] },
        { "a space in the path", [(":method", "GET"), (":scheme", "http"), (":path", "/ HTTP/1.1"), (":authority", "reviews")] },
        { "a control character in a value", [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "reviews"), ("x-a", "b\u0001")] },
        { "a name that is none", [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "reviews"), ("x a", "b")] },
        { "a method that is none", [(":method", "GET /x HTTP/1.1"), (":scheme", "http"), (":path", "/"), (":authority", "reviews")] },
        { "a length and less", [(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "reviews"), ("content-length", "5")] },
        { "two lengths", [(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "reviews"), ("content-length", "0"), ("content-length", "5")] },
    };

    [Theory]
    [MemberData(nameof(RefusedInHttp2))]
    public async Task In_HTTP2_it_is_refused_and_never_sent_on(string what, (string, string)[] headers)
    {
        _ = what;
        await using var upstream = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, upstream.Port));

        Assert.True(await Http2Wire.AskAsync(sidecar, headers, Cancel) is "400" or "reset" or "gone away");
        Assert.Equal(0, upstream.Accepted);
    }

    [Fact]
    public async Task In_HTTP2_a_host_beside_the_authority_means_nothing()
    {
        var head = "";
        await using var upstream = new RawServer(async (socket, cancellation) =>
        {
            head = await RawServer.ReadHeadAsync(socket, cancellation);
            await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), cancellation);
        });
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, upstream.Port));

        Assert.Equal("200", await Http2Wire.AskAsync(sidecar, [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "reviews"), ("host", "ratings")], Cancel));
        Assert.Contains("Host: reviews\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("ratings", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_HTTP2_what_is_sound_passes()
    {
        await using var upstream = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, upstream.Port));

        Assert.Equal("200", await Http2Wire.AskAsync(sidecar, [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "reviews"), ("te", "trailers")], Cancel));
    }
}
