using System.Net;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

/// <summary>Unknown destinations that are sent to a proxy.</summary>
public sealed class EgressProxyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_for_unknown_hosts_go_to_the_proxy()
    {
        await using var proxy = await TestApp.StartAsync(c => c.Response.WriteAsync($"proxied {c.Request.Host}"));
        await using var sidecar = await TestSidecar.StartAsync(Config(proxy.Port), logged: true);
        using var client = sidecar.Client();
        Assert.Equal("proxied elsewhere.example", await client.GetStringAsync("http://elsewhere.example/", Cancel));
        Assert.Contains(" outbound|9080||egress.default.svc.cluster.local ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_to_unknown_addresses_go_to_the_proxy()
    {
        await using var proxy = new RawServer(async (socket, cancellation) => await socket.SendAsync("220 proxied\r\n"u8.ToArray(), cancellation));
        await using var sidecar = await TestSidecar.StartAsync(Config(proxy.Port));
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 25);
        using var client = await sidecar.ConnectOutboundAsync();
        var buffer = new byte[64];
        Assert.Equal("220 proxied\r\n", Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, Cancel)));
    }

    [Fact]
    public async Task REGISTRY_ONLY_refuses_all_the_same()
    {
        await using var proxy = await TestApp.StartAsync(c => c.Response.WriteAsync("proxied"));
        var config = Config(proxy.Port);
        await using var sidecar = await TestSidecar.StartAsync(config with { Outbound = config.Outbound with { UnknownDestinations = UnknownDestinations.RegistryOnly } });
        using var client = sidecar.Client();
        Assert.Equal(502, (int)(await client.GetAsync("http://elsewhere.example/", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_proxy_that_does_not_exist_is_told_as_503_NC()
    {
        var config = Config(1);
        var broken = new WeightedCluster { Cluster = "outbound|1||nobody", Broken = new BrokenRoute { Status = 503, Message = "cluster not found: nobody" } };
        await using var sidecar = await TestSidecar.StartAsync(config with { Outbound = config.Outbound with { EgressProxy = broken } }, logged: true);
        using var client = sidecar.Client();
        Assert.Equal(503, (int)(await client.GetAsync("http://elsewhere.example/", Cancel)).StatusCode);
        Assert.Contains("\" 503 NC", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    private static SidecarConfig Config(int proxyPort)
    {
        var config = new SidecarConfig().WithService("egress", 9080, AppProtocol.Auto, proxyPort);
        return config with { Outbound = config.Outbound with { EgressProxy = new WeightedCluster { Cluster = config.Clusters[0].Name } } };
    }
}
