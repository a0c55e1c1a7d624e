using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests.MutualTls;

/// <summary>An application that ends closes its port before its callers know: a sidecar that cannot deliver says so to the caller's sidecar.</summary>
public sealed class NotDeliveredTests
{
    private static readonly RetryPolicy Safe = new()
    {
        Attempts = 2,
        RetryOn = [RetryCondition.ConnectFailure],
        BackoffBase = TimeSpan.FromMilliseconds(1),
        BackoffMax = TimeSpan.FromMilliseconds(2),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task A_request_that_the_peers_sidecar_could_not_deliver_is_tried_again_as_a_failed_connection_is(string method)
    {
        await using var pair = await MeshedPair.StartAsync(RawServer.ClosedPort(), retry: Safe);
        using var client = pair.HttpClient();

        using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/") { Content = method == "POST" ? new StringContent("body") : null }, Cancel);

        Assert.Equal(503, (int)answer.StatusCode);
        Assert.False(answer.Headers.Contains("x-mesh-not-delivered"));
        Assert.Equal(3, (await pair.Server.LogLinesAsync(3)).Count(line => line.Contains(" 503 UF", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_answer_of_the_application_is_no_such_thing_whatever_its_headers_say()
    {
        var asked = 0;
        await using var app = await TestApp.StartAsync(context =>
        {
            Interlocked.Increment(ref asked);
            context.Response.StatusCode = 503;
            context.Response.Headers["x-mesh-not-delivered"] = "connect-failure";
            return context.Response.WriteAsync("busy");
        });
        await using var pair = await MeshedPair.StartAsync(app.Port, retry: Safe);
        using var client = pair.HttpClient();

        using var answer = await client.GetAsync("/", Cancel);

        Assert.Equal("busy", await answer.Content.ReadAsStringAsync(Cancel));
        Assert.False(answer.Headers.Contains("x-mesh-not-delivered"));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task A_caller_without_mutual_TLS_is_not_told()
    {
        await using var pair = await MeshedPair.StartAsync(RawServer.ClosedPort(), mode: MutualTlsMode.Permissive);
        using var client = pair.Server.InboundClient();

        using var answer = await client.GetAsync("http://server/", Cancel);

        Assert.Equal(503, (int)answer.StatusCode);
        Assert.False(answer.Headers.Contains("x-mesh-not-delivered"));
    }
}
