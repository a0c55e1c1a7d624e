using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Routing;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Sidecar.Tests.Filters;

public sealed class RewriteTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<Rewrite, string, string> Paths => new()
    {
        { new Rewrite { Path = "/" }, "/anything/at/all", "/" },
        { new Rewrite { Path = "/v2", Prefix = "/v1" }, "/v1/books", "/v2/books" },
        { new Rewrite { Path = "/", Prefix = "/v1/" }, "/v1/books", "/books" },
        { new Rewrite { Path = "/", Prefix = "/v1" }, "/v1/books", "//books" }, // as in Istio: prefixes are text
        { new Rewrite { Path = "/v2", Prefix = "/v1" }, "/V1/books", "/v2/books" },
        { new Rewrite { Path = "books", Prefix = "/v1/b" }, "/v1/b", "/books" }, // a path begins with a slash, whatever the rule says
        { new Rewrite { Path = "/a b\u00fc" }, "/", "/a%20b%C3%BC" },
        { new Rewrite { Authority = "other" }, "/stays", "/stays" },
        { new Rewrite { Regex = new("^/service/([^/]+)(/.*)$", @"\2/instance/\1") }, "/service/foo/v1/api", "/v1/api/instance/foo" },
        { new Rewrite { Regex = new("one", "two") }, "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/two/zzz" },
        { new Rewrite { Regex = new("^(.*?)one(.*)$", @"\1two\2") }, "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/one/zzz" },
        { new Rewrite { Regex = new("(?i)/xxx/", "/yyy/") }, "/aaa/XxX/bbb", "/aaa/yyy/bbb" },
        { new Rewrite { Regex = new(".*", "/all") }, "/a/b", "/all" },
        { new Rewrite { Regex = new("/v(?P<n>[0-9])", @"/\0-\\") }, "/v1", @"//v1-\" },
        { new Rewrite { Regex = new("/nothing", "") }, "/here", "/here" },
        { new Rewrite { Regex = new("^/+", "") }, "/relative", "/relative" },
    };

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_path_is_rewritten(Rewrite rewrite, string asked, string sent) => Assert.Equal(sent, new CompiledRewrite(rewrite).PathFor(asked));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_endpoint_sees_path_and_host_of_the_rule_and_the_log_what_was_asked(int major)
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync(string.Join(' ',
            c.Features.Get<IHttpRequestFeature>()!.RawTarget, c.Request.Host, c.Request.Headers["x-envoy-original-path"], c.Request.Headers["x-envoy-original-host"])));
        await using var sidecar = await TestSidecar.StartAsync(Config(app.Port, new Rewrite { Path = "/new", Prefix = "/old", Authority = "other:81" }), logged: true);
        using var client = sidecar.Client(new Version(major, major - 1 == 0 ? 1 : 0));

        Assert.Equal("/new/x?q=%20 other:81 /old/x?q=%20 reviews:9080", await client.GetStringAsync("http://reviews:9080/old/x?q=%20", Cancel));
        var line = (await sidecar.LogLinesAsync(1))[0];
        Assert.Contains("\"GET /old/x?q=%20 HTTP/", line, StringComparison.Ordinal);
        Assert.Contains(" \"other:81\" ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retry_is_sent_to_the_rewritten_path_too()
    {
        var paths = new List<string>();
        await using var app = await TestApp.StartAsync(c =>
        {
            paths.Add(c.Request.Path);
            c.Response.StatusCode = paths.Count == 1 ? 503 : 200;
            return Task.CompletedTask;
        });
        var config = Config(app.Port, new Rewrite { Path = "/new", Prefix = "/" })
            .WithRoute("reviews", route => route with { Retry = new RetryPolicy { Attempts = 1, RetryOn = [RetryCondition.FiveXx] } });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/x", Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["/newx", "/newx"], paths);
    }

    private static SidecarConfig Config(int port, Rewrite rewrite) => new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, port)
        .WithRoute("reviews", route => route with { Rewrite = rewrite });
}
