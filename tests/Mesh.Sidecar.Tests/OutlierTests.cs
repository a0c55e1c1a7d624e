using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

/// <summary>Outlier detection on the wire; its rules stand in folder Health.</summary>
public sealed class OutlierTests
{
    private static readonly OutlierDetection Quick = new() { Consecutive5xx = 3, MaxEjectionPercent = 100, BaseEjectionTime = TimeSpan.FromSeconds(1), Interval = TimeSpan.FromMilliseconds(200) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_member_that_answers_errors_is_left_out_and_comes_back()
    {
        var broken = true;
        await using var bad = await TestApp.StartAsync(c =>
        {
            c.Response.StatusCode = Volatile.Read(ref broken) ? 500 : 200;
            return c.Response.WriteAsync("bad");
        });
        await using var good = await TestApp.StartAsync(c => c.Response.WriteAsync("good"));
        await using var sidecar = await TestSidecar.StartAsync(Config(Quick, AppProtocol.Http, bad.Port, good.Port));
        using var client = sidecar.Client();

        var statuses = new List<int>();
        for (var i = 0; i < 20; i++) statuses.Add(await StatusAsync(client));
        Assert.Equal(3, statuses.Count(status => status == 500));

        Volatile.Write(ref broken, false);
        await Mesh.Testing.Eventually.True(async () => await client.GetStringAsync("http://reviews/", Cancel) == "bad", "the member to come back");
    }

    [Fact]
    public async Task A_member_that_refuses_connections_is_left_out()
    {
        await using var good = await TestApp.StartAsync(c => c.Response.WriteAsync("good"));
        await using var sidecar = await TestSidecar.StartAsync(Config(Quick with { BaseEjectionTime = TimeSpan.FromMinutes(1) }, AppProtocol.Http, RawServer.ClosedPort(), good.Port));
        using var client = sidecar.Client();

        var statuses = new List<int>();
        for (var i = 0; i < 20; i++) statuses.Add(await StatusAsync(client));

        Assert.Equal(3, statuses.Count(status => status == 503));
    }

    [Fact]
    public async Task A_member_that_never_answers_is_left_out()
    {
        await using var slow = await TestApp.StartAsync(async c => await Task.Delay(Timeout.Infinite, c.RequestAborted));
        await using var good = await TestApp.StartAsync(c => c.Response.WriteAsync("good"));
        var config = Config(Quick with { BaseEjectionTime = TimeSpan.FromMinutes(1) }, AppProtocol.Http, slow.Port, good.Port)
            .WithRoute("reviews", route => route with { Timeout = TimeSpan.FromMilliseconds(100) });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        var statuses = new List<int>();
        for (var i = 0; i < 20; i++) statuses.Add(await StatusAsync(client));

        Assert.Equal(3, statuses.Count(status => status == 504));
    }

    [Fact]
    public async Task Of_opaque_connections_those_that_cannot_be_opened_count()
    {
        await using var good = RawServer.Answering("hello");
        await using var sidecar = await TestSidecar.StartAsync(Config(Quick with { BaseEjectionTime = TimeSpan.FromMinutes(1) }, AppProtocol.Tcp, RawServer.ClosedPort(), good.Port));
        var cluster = sidecar.Sidecar.State.Current!.Clusters.Single(c => c.Config.ServiceName == "reviews");
        for (var i = 0; i < 20; i++)
        {
            using var connection = await sidecar.ConnectOutboundAsync();
            await connection.GetStream().WriteAsync("x\r\n\r\n"u8.ToArray(), Cancel);
            Assert.Equal(5, await connection.GetStream().ReadAtLeastAsync(new byte[5], 5, cancellationToken: Cancel));
        }

        Assert.Single(cluster.Pool.Members, member => member.State.Health.IsEjected);
        Assert.Equal(3, cluster.Pool.Members.Single(member => member.State.Health.IsEjected).State.ConnectFailures);
    }

    [Fact]
    public async Task The_admin_page_says_who_is_left_out_and_why()
    {
        await using var good = await TestApp.StartAsync(c => c.Response.WriteAsync("good"));
        await using var sidecar = await TestSidecar.StartAsync(Config(Quick with { BaseEjectionTime = TimeSpan.FromMinutes(1) }, AppProtocol.Http, RawServer.ClosedPort(), good.Port));
        using var client = sidecar.Client();
        for (var i = 0; i < 10; i++) await StatusAsync(client);

        using var admin = sidecar.ControlClient(0);
        var page = await admin.GetStringAsync("/clusters", Cancel);

        Assert.Contains("\"health\": \"ejected\"", page, StringComparison.Ordinal);
        Assert.Contains("\"reason\": \"failed 3 times in a row, last it could not be reached or cut the connection\"", page, StringComparison.Ordinal);
    }

    private static async Task<int> StatusAsync(HttpClient client)
    {
        using var response = await client.GetAsync("http://reviews/", Cancel);
        return (int)response.StatusCode;
    }

    private static SidecarConfig Config(OutlierDetection outliers, AppProtocol protocol, params int[] ports)
    {
        var config = new SidecarConfig().WithService("reviews", 9080, protocol, ports);
        return config with { Clusters = [.. config.Clusters.Select(cluster => cluster with { Outliers = outliers })] };
    }
}
