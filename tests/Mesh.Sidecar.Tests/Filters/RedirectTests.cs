using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Routing;
using Mesh.Sidecar.Tests.Hosting;

namespace Mesh.Sidecar.Tests.Filters;

public sealed class RedirectTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<Redirect, string, string, string> Locations => new()
    {
        { new Redirect { Scheme = "https" }, "reviews", "/a?b=c", "https://reviews/a?b=c" },
        { new Redirect { Scheme = "https" }, "reviews:80", "/", "https://reviews/" },
        { new Redirect { Scheme = "https" }, "reviews:8080", "/", "https://reviews:8080/" },
        { new Redirect { Authority = "other.org" }, "reviews:9080", "/a", "http://other.org/a" },
        { new Redirect { Authority = "other.org:81" }, "reviews:9080", "/a", "http://other.org:81/a" },
        { new Redirect { Port = 8443 }, "reviews:9080", "/", "http://reviews:8443/" },
        { new Redirect { Port = 80 }, "reviews:9080", "/", "http://reviews/" },
        { new Redirect { Port = 80, Scheme = "https" }, "reviews", "/", "https://reviews:80/" },
        { new Redirect { Port = 443, Scheme = "https" }, "reviews:80", "/", "https://reviews/" },
        { new Redirect { Port = 8443 }, "[::1]:9080", "/", "http://[::1]:8443/" },
        { new Redirect { Port = 8443 }, "[::1]", "/", "http://[::1]:8443/" },
        { new Redirect { RequestPort = true }, "reviews", "/", "http://reviews:9080/" },
        { new Redirect { RequestPort = true, Authority = "other.org" }, "reviews", "/", "http://other.org:9080/" },
        { new Redirect { Path = "/new" }, "reviews", "/old/deep?q=1", "http://reviews/new?q=1" },
        { new Redirect { Path = "/new?r=2" }, "reviews", "/old?q=1", "http://reviews/new?r=2" },
        { new Redirect { Path = "/v2", Prefix = "/v1" }, "reviews", "/v1/books?q=1", "http://reviews/v2/books?q=1" },
        { new Redirect { Path = "/V2", Prefix = "/v1" }, "reviews", "/V1/books", "http://reviews/V2/books" },
        { new Redirect { Path = "/n\u00e9w page" }, "reviews", "/", "http://reviews/n%C3%A9w%20page" },
    };

    [Theory]
    [MemberData(nameof(Locations))]
    public void What_the_rule_does_not_give_stays_as_the_client_asked(Redirect redirect, string authority, string target, string expected)
    {
        var exchange = TestExchange.Of(target: target, authority: authority, destination: new IPEndPoint(IPAddress.Parse("10.96.0.1"), 9080));

        Assert.Equal(expected, new CompiledRedirect(redirect).LocationFor(exchange));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task The_client_is_sent_elsewhere_and_the_endpoint_sees_nothing(int status)
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var sidecar = await TestSidecar.StartAsync(Config(server.Port, new Redirect { Status = status, Authority = "other.org", Path = "/x" }), logged: true);
        using var client = sidecar.Client();

        using var response = await client.PostAsync("http://reviews/a?b=c", new StringContent("body"), Cancel);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("http://other.org/x?b=c", response.Headers.Location!.OriginalString);
        Assert.Equal("envoy", response.Headers.Server.ToString());
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(0, server.Accepted);
        Assert.Contains($"\" {status} - direct_response", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_s_response_headers_stand_in_its_redirect()
    {
        var changes = new HeaderChanges { ResponseSet = [new("x-why", "moved from %REQ(:PATH)%")] };
        var config = Config(RawServer.ClosedPort(), new Redirect { Authority = "other.org" }).WithRoute("reviews", route => route with { Headers = changes });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client(HttpVersion.Version20);

        using var response = await client.GetAsync("http://reviews/a", Cancel);

        Assert.Equal("moved from /a", response.Headers.GetValues("x-why").Single());
    }

    private static SidecarConfig Config(int port, Redirect redirect) => new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, port)
        .WithRoute("reviews", route => route with { Destinations = [], Redirect = redirect });
}
