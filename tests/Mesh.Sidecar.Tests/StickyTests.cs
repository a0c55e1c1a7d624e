using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

/// <summary>One client stays with one member, on the wire.</summary>
public sealed class StickyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_with_the_same_header_meet_the_same_member()
    {
        await using var apps = await Apps.StartAsync(4);
        await using var sidecar = await TestSidecar.StartAsync(Config(new HashKey { Header = "x-user" }, apps.Ports));
        using var client = sidecar.Client();

        var met = new HashSet<string>();
        foreach (var user in Enumerable.Range(0, 20))
        {
            var answers = new HashSet<string>();
            for (var i = 0; i < 5; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "http://reviews/");
                request.Headers.Add("x-user", $"user-{user}");
                using var response = await client.SendAsync(request, Cancel);
                answers.Add(await response.Content.ReadAsStringAsync(Cancel));
            }

            met.Add(Assert.Single(answers));
        }

        Assert.True(met.Count > 1);
    }

    [Fact]
    public async Task A_client_is_given_a_cookie_once_and_stays_where_it_was()
    {
        await using var apps = await Apps.StartAsync(4);
        await using var sidecar = await TestSidecar.StartAsync(Config(new HashKey { Cookie = new HashCookie { Name = "stick", Path = "/", Ttl = TimeSpan.FromMinutes(5) } }, apps.Ports));
        using var client = sidecar.Client();

        using var first = await client.GetAsync("http://reviews/", Cancel);
        var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie"));
        Assert.EndsWith("; Max-Age=300; Path=/; HttpOnly", cookie, StringComparison.Ordinal);
        for (var i = 0; i < 10; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "http://reviews/");
            request.Headers.Add("Cookie", cookie.Split(';')[0]);
            using var response = await client.SendAsync(request, Cancel);
            Assert.False(response.Headers.Contains("Set-Cookie"));
            Assert.Equal(await first.Content.ReadAsStringAsync(Cancel), await response.Content.ReadAsStringAsync(Cancel));
        }
    }

    [Fact]
    public async Task The_source_address_keeps_opaque_connections_together()
    {
        await using var one = RawServer.Answering("1");
        await using var other = RawServer.Answering("2");
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Tcp, one.Port, other.Port);
        config = config with { Clusters = [.. config.Clusters.Select(cluster => Hashed(cluster, new HashKey { SourceAddress = true }))] };
        await using var sidecar = await TestSidecar.StartAsync(config);

        for (var i = 0; i < 10; i++)
        {
            using var connection = await sidecar.ConnectOutboundAsync();
            await connection.GetStream().WriteAsync("\r\n\r\n"u8.ToArray(), Cancel);
            await connection.GetStream().ReadExactlyAsync(new byte[1], Cancel);
        }

        Assert.Contains(0, new[] { one.Accepted, other.Accepted });
    }

    private static SidecarConfig Config(HashKey key, int[] ports)
    {
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, ports);
        return config with { Clusters = [.. config.Clusters.Select(cluster => Hashed(cluster, key))] };
    }

    private static Cluster Hashed(Cluster cluster, HashKey key) => cluster with { LoadBalancing = LoadBalancing.ConsistentHash, ConsistentHash = new ConsistentHash { Key = key } };

    private sealed class Apps(TestApp[] apps) : IAsyncDisposable
    {
        public int[] Ports => [.. apps.Select(app => app.Port)];

        public static async Task<Apps> StartAsync(int count) =>
            new(await Task.WhenAll(Enumerable.Range(0, count).Select(i => TestApp.StartAsync(c => c.Response.WriteAsync($"app {i}")))));

        public async ValueTask DisposeAsync()
        {
            foreach (var app in apps) await app.DisposeAsync();
        }
    }
}
