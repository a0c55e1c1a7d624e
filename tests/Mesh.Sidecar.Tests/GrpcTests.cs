using Grpc.Core;
using Grpc.Net.Client;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Metadata = Grpc.Core.Metadata;
using Route = Mesh.Config.Route;

namespace Mesh.Sidecar.Tests;

public sealed class GrpcTests : IAsyncLifetime
{
    private readonly EchoLog log = new();
    private TestApp app = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => app = await TestApp.StartAsync(
        services => services.AddSingleton(log).AddGrpc(), app => app.MapGrpcService<EchoService>(), HttpProtocols.Http2);

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    [Theory]
    [InlineData(AppProtocol.Auto)]
    [InlineData(AppProtocol.Http)]
    [InlineData(AppProtocol.Http2)]
    public async Task A_unary_call_brings_its_answer_and_trailers(AppProtocol declared)
    {
        await using var sidecar = await TestSidecar.StartAsync(Config(declared));
        using var channel = Channel(sidecar);
        var call = new Echo.EchoClient(channel).OneAsync(new Text { Value = "hello" }, cancellationToken: Cancel);

        Assert.Equal("hello for echo:9000", (await call).Value);
        Assert.Equal("at the end", call.GetTrailers().GetValue("x-trailer"));
    }

    [Fact]
    public async Task An_inbound_call_reaches_the_application()
    {
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithInbound(app.Port, AppProtocol.Auto));
        sidecar.Destination = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, app.Port);
        using var channel = GrpcChannel.ForAddress("http://echo:9000", new GrpcChannelOptions { HttpClient = sidecar.InboundClient(new Version(2, 0)), DisposeHttpClient = true });

        Assert.Equal("hello for echo:9000", (await new Echo.EchoClient(channel).OneAsync(new Text { Value = "hello" }, cancellationToken: Cancel)).Value);
    }

    [Fact]
    public async Task An_error_status_passes_with_its_detail()
    {
        await using var sidecar = await TestSidecar.StartAsync(Config());
        using var channel = Channel(sidecar);

        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(channel).OneAsync(new Text { Value = "fail" }, cancellationToken: Cancel));

        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
        Assert.Equal("as asked", error.Status.Detail);
        Assert.Equal("at the end", error.Trailers.GetValue("x-trailer"));
    }

    [Fact]
    public async Task Both_sides_stream_in_turns()
    {
        await using var sidecar = await TestSidecar.StartAsync(Config());
        using var channel = Channel(sidecar);
        using var call = new Echo.EchoClient(channel).Both(cancellationToken: Cancel);
        for (var i = 0; i < 5; i++)
        {
            await call.RequestStream.WriteAsync(new Text { Value = $"{i}" }, Cancel);
            Assert.True(await call.ResponseStream.MoveNext(Cancel));
            Assert.Equal($"re: {i}", call.ResponseStream.Current.Value);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Cancel));
    }

    [Fact]
    public async Task Both_sides_stream_in_turns_also_where_retries_are_on()
    {
        await using var sidecar = await TestSidecar.StartAsync(Config().WithRoute("echo", WithRetries));
        using var channel = Channel(sidecar);
        using var call = new Echo.EchoClient(channel).Both(cancellationToken: Cancel);
        await call.RequestStream.WriteAsync(new Text { Value = "a" }, Cancel);
        Assert.True(await call.ResponseStream.MoveNext(Cancel));
        await call.RequestStream.WriteAsync(new Text { Value = "b" }, Cancel);
        Assert.True(await call.ResponseStream.MoveNext(Cancel));
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Cancel));
    }

    [Fact]
    public async Task Response_headers_of_a_stream_go_down_before_its_first_message()
    {
        await using var sidecar = await TestSidecar.StartAsync(Config());
        using var channel = Channel(sidecar);
        using var call = new Echo.EchoClient(channel).Down(new Text { Value = "m" }, cancellationToken: Cancel);

        Assert.Equal("yes", (await call.ResponseHeadersAsync).GetValue("x-early"));
        log.Go.SetResult();
        var texts = new List<string>();
        await foreach (var text in call.ResponseStream.ReadAllAsync(Cancel)) texts.Add(text.Value);
        Assert.Equal(["m0", "m1", "m2"], texts);
    }

    [Fact]
    public async Task A_deadline_of_the_client_ends_the_call_at_the_server_too()
    {
        await using var sidecar = await TestSidecar.StartAsync(Config());
        using var channel = Channel(sidecar);

        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(channel)
            .OneAsync(new Text { Value = "wait" }, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(300), cancellationToken: Cancel));

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
    }

    [Fact]
    public async Task UNAVAILABLE_is_tried_again_where_the_policy_says_so()
    {
        await using var sidecar = await TestSidecar.StartAsync(Config().WithRoute("echo", WithRetries));
        using var channel = Channel(sidecar);

        Assert.Equal("unavailable once for echo:9000", (await new Echo.EchoClient(channel).OneAsync(new Text { Value = "unavailable once" }, cancellationToken: Cancel)).Value);
        Assert.Equal(2, log.Calls);
    }

    [Fact]
    public async Task A_failure_of_ours_is_a_gRPC_status_for_a_gRPC_client()
    {
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("echo", 9080, AppProtocol.Http2, RawServer.ClosedPort()));
        using var channel = Channel(sidecar);

        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(channel).OneAsync(new Text { Value = "x" }, cancellationToken: Cancel));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains("connection refused", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_compressed_metadata_header_and_a_binary_one_pass()
    {
        await using var sidecar = await TestSidecar.StartAsync(Config());
        using var channel = Channel(sidecar);
        var headers = new Metadata { { "x-text", "plain" }, { "x-data-bin", new byte[] { 0, 255, 1 } } };

        Assert.Equal("hi for echo:9000", (await new Echo.EchoClient(channel).OneAsync(new Text { Value = "hi" }, headers, cancellationToken: Cancel)).Value);
    }

    private static Route WithRetries(Route route) => route with
    {
        Retry = new RetryPolicy { Attempts = 2, RetryOn = [RetryCondition.GrpcUnavailable], BackoffBase = TimeSpan.FromMilliseconds(1), BackoffMax = TimeSpan.FromMilliseconds(2) },
    };

    private static GrpcChannel Channel(TestSidecar sidecar) =>
        GrpcChannel.ForAddress("http://echo:9000", new GrpcChannelOptions { HttpClient = sidecar.Client(new Version(2, 0)), DisposeHttpClient = true });

    private SidecarConfig Config(AppProtocol declared = AppProtocol.Http2) => new SidecarConfig().WithService("echo", 9080, declared, app.Port);
}
