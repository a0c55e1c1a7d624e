using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;

namespace Mesh.Sidecar.Tests.Filters;

public sealed class DirectResponseTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Status_and_body_come_from_the_rule_as_plain_text()
    {
        await using var sidecar = await TestSidecar.StartAsync(Config(503, "come back later"), logged: true);
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/", Cancel);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("come back later", await response.Content.ReadAsStringAsync(Cancel));
        Assert.Contains("\" 503 - direct_response - \"-\" 0 15 ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_s_headers_choose_the_content_type()
    {
        var changes = new HeaderChanges { ResponseSet = [new("content-type", "application/json")] };
        await using var sidecar = await TestSidecar.StartAsync(Config(200, "{}").WithRoute("reviews", route => route with { Headers = changes }));
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/", Cancel);

        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("{}", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(304)]
    [InlineData(404)]
    public async Task Without_a_body_there_is_no_content_type(int status)
    {
        await using var sidecar = await TestSidecar.StartAsync(Config(status, ""));
        using var client = sidecar.Client();

        for (var i = 0; i < 2; i++) // the connection goes on
        {
            using var response = await client.GetAsync("http://reviews/", Cancel);

            Assert.Equal(status, (int)response.StatusCode);
            Assert.Null(response.Content.Headers.ContentType);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
        }
    }

    [Fact]
    public async Task HEAD_gets_the_headers_alone()
    {
        await using var sidecar = await TestSidecar.StartAsync(Config(200, "body"));
        using var client = sidecar.Client();

        using var response = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "http://reviews/"), Cancel);

        Assert.Equal(4, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_gRPC_client_reads_a_status_of_its_own()
    {
        await using var sidecar = await TestSidecar.StartAsync(Config(404, "not here"));
        using var client = sidecar.Client(HttpVersion.Version20);
        using var content = new ByteArrayContent([]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

        using var response = await client.PostAsync("http://reviews/x.Y/Z", content, Cancel);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("12", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("not here", response.Headers.GetValues("grpc-message").Single());
    }

    private static SidecarConfig Config(int status, string body) => new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, RawServer.ClosedPort())
        .WithRoute("reviews", route => route with { Destinations = [], DirectResponse = new DirectResponse { Status = status, Body = [.. Encoding.UTF8.GetBytes(body)] } });
}
