using System.Net;
using System.Net.WebSockets;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Sidecar.Tests.MutualTls;

public sealed class HttpMutualTlsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_request_goes_from_sidecar_to_sidecar_in_mutual_TLS_and_the_application_is_told_who_calls(string version)
    {
        var http = Version.Parse(version);
        await using var app = await TestApp.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Host} {context.Request.Headers["x-forwarded-client-cert"]}"),
            http.Major == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var pair = await MeshedPair.StartAsync(app.Port, http.Major == 2 ? AppProtocol.Http2 : AppProtocol.Http);
        using var client = pair.HttpClient(http);

        var answer = await client.GetStringAsync("/", Cancel);

        var own = Convert.ToHexStringLower(pair.Client.Sidecar.Identity.Current!.Certificate.GetCertHash(System.Security.Cryptography.HashAlgorithmName.SHA256));
        Assert.Equal(
            $"HTTP/{(http.Major == 2 ? "2" : "1.1")} server:9080 By={TestIdentities.Id("server")};Hash={own};Subject=\"\";URI={TestIdentities.Id("client")}", answer);
        Assert.Contains(" outbound_.9080_._.server.default.svc.cluster.local ", (await pair.Server.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_caller_claims_in_clear_text_about_its_certificate_never_reaches_the_application()
    {
        await using var app = await TestApp.StartAsync(context => context.Response.WriteAsync($"[{context.Request.Headers["x-forwarded-client-cert"]}]"));
        await using var pair = await MeshedPair.StartAsync(app.Port, mode: MutualTlsMode.Permissive);
        using var direct = pair.Server.InboundClient();
        direct.DefaultRequestHeaders.Add("x-forwarded-client-cert", "By=x;URI=spiffe://cluster.local/ns/default/sa/admin");

        Assert.Equal("[]", await direct.GetStringAsync("http://server/", Cancel));
    }

    [Fact]
    public async Task What_an_application_claims_about_its_callers_stays_with_it()
    {
        await using var app = await TestApp.StartAsync(context => context.Response.WriteAsync($"{context.Request.Headers["x-forwarded-client-cert"]}"));
        await using var pair = await MeshedPair.StartAsync(app.Port);
        using var client = pair.HttpClient();
        client.DefaultRequestHeaders.Add("x-forwarded-client-cert", "By=x;URI=spiffe://cluster.local/ns/default/sa/admin");

        Assert.DoesNotContain("admin", await client.GetStringAsync("/", Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Many_requests_take_one_handshake(string version)
    {
        var http = Version.Parse(version);
        await using var app = await TestApp.StartAsync(context => context.Response.WriteAsync("ok"), http.Major == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var pair = await MeshedPair.StartAsync(app.Port, http.Major == 2 ? AppProtocol.Http2 : AppProtocol.Http);
        using var client = pair.HttpClient(http);
        for (var i = 0; i < 50; i++) Assert.Equal("ok", await client.GetStringAsync("/", Cancel));

        Assert.Equal(1, await HandshakesAsync(pair.Server, "server", "made"));
        Assert.Equal(1, await HandshakesAsync(pair.Client, "client", "made"));
        Assert.Equal(0, await HandshakesAsync(pair.Client, "client", "failed"));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Large_bodies_go_both_ways_unchanged(string version)
    {
        const long Length = 96 * 1024 * 1024;
        var http = Version.Parse(version);
        await using var app = await TestApp.StartAsync(async context =>
        {
            if (context.Request.Method == "GET")
            {
                await new ZeroStream(Length).CopyToAsync(context.Response.Body);
                return;
            }

            var total = 0L;
            var buffer = new byte[64 * 1024];
            for (int count; (count = await context.Request.Body.ReadAsync(buffer)) > 0; total += count)
            {
                if (buffer.AsSpan(0, count).ContainsAnyExcept((byte)0)) throw new InvalidDataException("changed on its way");
            }

            await context.Response.WriteAsync($"{total}");
        }, http.Major == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var pair = await MeshedPair.StartAsync(app.Port, http.Major == 2 ? AppProtocol.Http2 : AppProtocol.Http);
        using var client = pair.HttpClient(http);

        using var answer = await client.PostAsync("/", new StreamContent(new ZeroStream(Length)), Cancel);
        Assert.Equal($"{Length}", await answer.Content.ReadAsStringAsync(Cancel));

        await using var body = await client.GetStreamAsync("/", Cancel);
        var read = 0L;
        var part = new byte[64 * 1024];
        for (int count; (count = await body.ReadAsync(part, Cancel)) > 0; read += count) Assert.False(part.AsSpan(0, count).ContainsAnyExcept((byte)0));
        Assert.Equal(Length, read);
    }

    [Fact]
    public async Task A_WebSocket_is_carried()
    {
        await using var app = await TestApp.StartAsync(_ => { }, web =>
        {
            web.UseWebSockets();
            web.Run(async context =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                var buffer = new byte[64];
                var got = await socket.ReceiveAsync(buffer, context.RequestAborted);
                await socket.SendAsync(buffer.AsMemory(0, got.Count), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", context.RequestAborted);
            });
        }, HttpProtocols.Http1);
        await using var pair = await MeshedPair.StartAsync(app.Port);
        using var client = pair.HttpClient();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://server:9080/"), client, Cancel);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, Cancel);
        var buffer = new byte[64];
        var answer = await socket.ReceiveAsync(buffer, Cancel);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, answer.Count));
        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(buffer, Cancel)).MessageType);
    }

    [Fact]
    public async Task GRPC_keeps_its_trailers_its_status_and_streams_both_ways()
    {
        await using var app = await TestApp.StartAsync(
            services => services.AddSingleton(new EchoLog()).AddGrpc(), web => web.MapGrpcService<EchoService>(), HttpProtocols.Http2);
        await using var pair = await MeshedPair.StartAsync(app.Port, AppProtocol.Http2);
        using var http = pair.HttpClient(HttpVersion.Version20);
        using var channel = GrpcChannel.ForAddress("http://server:9080", new GrpcChannelOptions { HttpClient = http });
        var echo = new Echo.EchoClient(channel);

        using var call = echo.OneAsync(new Text { Value = "hi" }, cancellationToken: Cancel);
        Assert.Equal("hi for server:9080", (await call).Value);
        Assert.Equal("at the end", call.GetTrailers().GetValue("x-trailer"));

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await echo.OneAsync(new Text { Value = "fail" }, cancellationToken: Cancel));
        Assert.Equal(StatusCode.FailedPrecondition, failure.StatusCode);

        using var both = echo.Both(cancellationToken: Cancel);
        for (var i = 0; i < 3; i++)
        {
            await both.RequestStream.WriteAsync(new Text { Value = $"{i}" }, Cancel);
            Assert.True(await both.ResponseStream.MoveNext(Cancel));
            Assert.Equal($"re: {i}", both.ResponseStream.Current.Value);
        }

        await both.RequestStream.CompleteAsync();
        Assert.False(await both.ResponseStream.MoveNext(Cancel));
    }

    [Fact]
    public async Task A_client_that_goes_away_is_noticed_at_the_application()
    {
        var arrived = new TaskCompletionSource();
        var gone = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(async context =>
        {
            arrived.SetResult();
            await using var _ = context.RequestAborted.Register(gone.SetResult);
            await gone.Task;
        });
        await using var pair = await MeshedPair.StartAsync(app.Port);
        using var client = pair.HttpClient();
        using var leave = new CancellationTokenSource();
        var pending = client.GetStringAsync("/", leave.Token);
        await arrived.Task.WaitAsync(Eventually.Patience, Cancel);
        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        await gone.Task.WaitAsync(Eventually.Patience, Cancel);
    }

    [Fact]
    public async Task An_answer_that_comes_while_the_request_is_still_being_sent_is_heard()
    {
        await using var app = await TestApp.StartAsync(async context =>
        {
            context.Response.StatusCode = 413;
            context.Response.Headers.Connection = "close";
            await context.Response.WriteAsync("too much");
        });
        await using var pair = await MeshedPair.StartAsync(app.Port);
        using var client = pair.HttpClient();

        using var answer = await client.PostAsync("/", new StreamContent(new ZeroStream(32 * 1024 * 1024)), Cancel);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Metrics_of_both_sides_name_both_principals()
    {
        await using var app = await TestApp.StartAsync(context => context.Response.WriteAsync("ok"));
        await using var pair = await MeshedPair.StartAsync(app.Port);
        using var client = pair.HttpClient();
        await client.GetStringAsync("/", Cancel);
        await pair.Server.LogLinesAsync(1);
        await pair.Client.LogLinesAsync(1);

        var server = await RequestsAsync(pair.Server);
        Assert.Contains($"source_principal=\"{TestIdentities.Id("client")}\"", server, StringComparison.Ordinal);
        Assert.Contains("connection_security_policy=\"mutual_tls\"", server, StringComparison.Ordinal);
        var source = await RequestsAsync(pair.Client);
        Assert.Contains($"destination_principal=\"{TestIdentities.Id("server")}\"", source, StringComparison.Ordinal);
        Assert.Contains("connection_security_policy=\"unknown\"", source, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drain_asks_connections_in_mutual_TLS_to_end_and_waits_for_the_request_in_flight()
    {
        var go = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(async context =>
        {
            arrived.TrySetResult();
            await go.Task;
            await context.Response.WriteAsync("finished");
        });
        await using var pair = await MeshedPair.StartAsync(app.Port);
        using var client = pair.HttpClient();
        var answer = client.GetStringAsync("/", Cancel);
        await arrived.Task.WaitAsync(Eventually.Patience, Cancel);

        var drained = pair.Server.Sidecar.DrainAsync();
        Assert.False(drained.IsCompleted);
        go.SetResult();

        Assert.Equal("finished", await answer);
        await drained.WaitAsync(Eventually.Patience, Cancel);
        Assert.Equal(0, pair.Server.Sidecar.Drain.Open);
    }

    private static async Task<double> HandshakesAsync(TestSidecar sidecar, string side, string result)
    {
        using var status = sidecar.ControlClient(1);
        var text = await status.GetStringAsync("/stats/prometheus", Cancel);
        var line = text.Split('\n').First(line => line.StartsWith($"mesh_proxy_tls_handshakes_total{{side=\"{side}\",result=\"{result}\"}}", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<string> RequestsAsync(TestSidecar sidecar)
    {
        using var status = sidecar.ControlClient(1);
        var text = await status.GetStringAsync("/stats/prometheus", Cancel);
        return text.Split('\n').First(line => line.StartsWith("istio_requests_total{", StringComparison.Ordinal));
    }
}
