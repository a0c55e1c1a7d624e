using Mesh.Config;
using Mesh.Sidecar.Filters;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests.Filters;

/// <summary>A split by the client's key: one client stays with one destination while the weights stand.</summary>
public sealed class StickySplitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_stays_with_its_destination_and_clients_spread_by_weight()
    {
        var stayed = true;
        var inSecond = 0;
        for (var user = 0; user < 2000; user++)
        {
            var first = await DrawAsync($"user-{user}", 80, 20, seed: 1);
            for (var again = 2; again < 6; again++) stayed &= await DrawAsync($"user-{user}", 80, 20, seed: again) == first;
            if (first == TestConfig.ClusterName("v2")) inSecond++;
        }

        Assert.True(stayed);
        Assert.InRange(inSecond, 330, 470);
    }

    [Fact]
    public async Task When_a_share_grows_nobody_leaves_it()
    {
        for (var user = 0; user < 500; user++)
        {
            var before = await DrawAsync($"user-{user}", 90, 10, seed: 1);
            var after = await DrawAsync($"user-{user}", 70, 30, seed: 2);
            if (before == TestConfig.ClusterName("v2")) Assert.Equal(before, after);
        }
    }

    [Fact]
    public async Task Without_the_key_it_is_left_to_chance()
    {
        var drawn = new HashSet<string>();
        for (var seed = 0; seed < 50; seed++) drawn.Add(await DrawAsync(null, 50, 50, seed));

        Assert.Equal(2, drawn.Count);
    }

    [Fact]
    public async Task A_destination_that_gets_nothing_is_never_drawn()
    {
        for (var user = 0; user < 200; user++) Assert.Equal(TestConfig.ClusterName("v1"), await DrawAsync($"user-{user}", 1, 0, seed: user));
    }

    [Fact]
    public async Task A_client_without_the_cookie_is_given_one_once_and_kept_by_it()
    {
        await using var one = await TestApp.StartAsync(c => c.Response.WriteAsync("one"));
        await using var two = await TestApp.StartAsync(c => c.Response.WriteAsync("two"));
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, one.Port).WithService("ratings", 9080, AppProtocol.Http, two.Port);
        var key = new HashKey { Cookie = new HashCookie { Name = "who", Ttl = TimeSpan.Zero } };
        config = config.WithRoute("reviews", route => route with
        {
            SplitBy = key, Destinations = [route.Destinations[0], new WeightedCluster { Cluster = ClusterNames.Outbound(9080, "", SidecarConfig.Fqdn("ratings")) }],
        });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();
        var homes = new HashSet<string>();

        for (var visitor = 0; visitor < 12; visitor++)
        {
            using var first = await client.GetAsync("http://reviews/", Cancel);
            var home = await first.Content.ReadAsStringAsync(Cancel);
            var cookie = Assert.Single(first.Headers.GetValues("set-cookie"));
            homes.Add(home);
            for (var again = 0; again < 4; again++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "http://reviews/");
                request.Headers.Add("cookie", cookie.Split(';')[0]);
                using var response = await client.SendAsync(request, Cancel);
                Assert.Equal(home, await response.Content.ReadAsStringAsync(Cancel));
                Assert.False(response.Headers.Contains("set-cookie"));
            }
        }

        Assert.Equal(2, homes.Count);
    }

    [Fact]
    public async Task The_sidecar_s_own_answer_gives_the_cookie_too()
    {
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, RawServer.ClosedPort()).WithRoute("reviews", route => route with
        {
            SplitBy = new HashKey { Cookie = new HashCookie { Name = "who", Ttl = TimeSpan.FromMinutes(1) } }, Destinations = [route.Destinations[0], route.Destinations[0]],
        });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/", Cancel);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Single(response.Headers.GetValues("set-cookie"));
    }

    private static async Task<string> DrawAsync(string? user, int first, int second, int seed)
    {
        var headers = new HeaderList();
        if (user is not null) headers.Add("x-user", user);
        var exchange = TestExchange.Of(headers: headers);
        exchange.Route = new(new Mesh.Config.Route
        {
            SplitBy = new HashKey { Header = "x-user" },
            Destinations = [new WeightedCluster { Cluster = TestConfig.ClusterName("v1"), Weight = first }, new WeightedCluster { Cluster = TestConfig.ClusterName("v2"), Weight = second }],
        });
        await new ClusterFilter(new Random(seed)).InvokeAsync(exchange);
        return exchange.ClusterName;
    }
}
