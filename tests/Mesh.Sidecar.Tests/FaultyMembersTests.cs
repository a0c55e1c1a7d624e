using System.Net.Sockets;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

/// <summary>Retries, outlier detection and limits together, against members that fail in every way there is.</summary>
public sealed class FaultyMembersTests
{
    private static readonly OutlierDetection Strict = new() { Consecutive5xx = 2, MaxEjectionPercent = 100, BaseEjectionTime = TimeSpan.FromMinutes(5) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Faults => ["refuses", "resets", "closes", "is silent", "answers no HTTP", "answers 503"];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task With_retries_nobody_sees_one_of_two_members_fail_and_soon_it_gets_no_more_requests(string fault)
    {
        await using var good = await TestApp.StartAsync(c => c.Response.WriteAsync("good"));
        await using var bad = Bad(fault);
        var port = bad?.Port ?? RawServer.ClosedPort();
        await using var sidecar = await TestSidecar.StartAsync(Config(good.Port, port, RetryCondition.FiveXx));
        using var client = sidecar.Client();

        for (var i = 0; i < 20; i++) Assert.Equal("good", await client.GetStringAsync("http://reviews/", Cancel));

        var member = sidecar.Sidecar.State.Current!.Clusters.Single(c => c.Config.ServiceName == "reviews").Pool.Members.Single(m => m.Config.Port == port).State;
        Assert.True(member.Health.IsEjected);
        Assert.Equal(2, member.Requests);
    }

    [Fact]
    public async Task Half_an_answer_is_no_answer_to_be_repeated_but_counts_against_the_member()
    {
        await using var good = await TestApp.StartAsync(c => c.Response.WriteAsync("good"));
        await using var half = new RawServer(async (socket, cancellation) =>
        {
            await RawServer.ReadHeadAsync(socket, cancellation);
            await socket.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), cancellation);
            socket.LingerState = new LingerOption(true, 0);
        });
        await using var sidecar = await TestSidecar.StartAsync(Config(good.Port, half.Port, RetryCondition.FiveXx));
        using var client = sidecar.Client();

        var broken = 0;
        for (var i = 0; i < 20; i++)
        {
            try
            {
                Assert.Equal("good", await client.GetStringAsync("http://reviews/", Cancel));
            }
            catch (HttpRequestException)
            {
                broken++;
            }
        }

        // The client sees the broken answer a moment before it is counted: one more may be on its way by then.
        Assert.InRange(broken, 2, 3);
        Assert.Equal(broken, half.Accepted);
    }

    [Fact]
    public async Task Without_retries_each_fault_is_seen_as_often_as_the_threshold_says()
    {
        await using var good = await TestApp.StartAsync(c => c.Response.WriteAsync("good"));
        await using var sidecar = await TestSidecar.StartAsync(Config(good.Port, RawServer.ClosedPort()));
        using var client = sidecar.Client();

        var statuses = new List<int>();
        for (var i = 0; i < 20; i++)
        {
            using var response = await client.GetAsync("http://reviews/", Cancel);
            statuses.Add((int)response.StatusCode);
        }

        Assert.Equal(2, statuses.Count(status => status == 503));
    }

    [Fact]
    public async Task At_overload_retries_under_way_stay_within_the_budget()
    {
        const int Requests = 60;
        var (entered, retrying, mostRetrying) = (0, 0, 0);
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await TestApp.StartAsync(async c =>
        {
            if (c.Request.Headers["x-envoy-attempt-count"] == "1")
            {
                // All are in before the first one fails: the budget is a share of those under way.
                if (Interlocked.Increment(ref entered) == Requests) open.SetResult();
                await open.Task.WaitAsync(c.RequestAborted);
            }
            else
            {
                var now = Interlocked.Increment(ref retrying);
                lock (open) mostRetrying = Math.Max(mostRetrying, now);
                await Task.Yield();
                Interlocked.Decrement(ref retrying);
            }

            c.Response.StatusCode = 503;
        });
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, app.Port).WithRoute("reviews", route => route with
        {
            Retry = new RetryPolicy { Attempts = 5, RetryOn = [RetryCondition.FiveXx], BackoffBase = TimeSpan.FromMilliseconds(20), BackoffMax = TimeSpan.FromMilliseconds(50) },
        });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => client.GetAsync("http://reviews/", Cancel)));

        Assert.All(answers, answer => Assert.Equal(503, (int)answer.StatusCode));
        var cluster = sidecar.Sidecar.State.Current!.Clusters.Single(c => c.Config.ServiceName == "reviews").State;
        Assert.InRange(mostRetrying, 1, Requests / 5);
        Assert.True(cluster.RetriesOverBudget > 0);
        Assert.Equal(0, cluster.Retrying);
    }

    [Fact]
    public async Task Members_that_come_back_take_their_share_again()
    {
        var broken = true;
        await using var good = await TestApp.StartAsync(c => c.Response.WriteAsync("good"));
        await using var bad = await TestApp.StartAsync(c =>
        {
            c.Response.StatusCode = Volatile.Read(ref broken) ? 503 : 200;
            return c.Response.WriteAsync("bad");
        });
        var config = Config(good.Port, bad.Port, RetryCondition.FiveXx);
        config = config with { Clusters = [.. config.Clusters.Select(c => c with { Outliers = Strict with { BaseEjectionTime = TimeSpan.FromMilliseconds(300), Interval = TimeSpan.FromMilliseconds(100) } })] };
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();
        for (var i = 0; i < 10; i++) Assert.Equal("good", await client.GetStringAsync("http://reviews/", Cancel));

        Volatile.Write(ref broken, false);
        await Eventually.True(async () => await client.GetStringAsync("http://reviews/", Cancel) == "bad", "the member to be back");
        var shares = new List<string>();
        for (var i = 0; i < 10; i++) shares.Add(await client.GetStringAsync("http://reviews/", Cancel));
        Assert.Equal(5, shares.Count(answer => answer == "bad"));
    }

    // None: nobody listens there.
    private static RawServer? Bad(string fault) => fault switch
    {
        "resets" => new RawServer(async (socket, cancellation) =>
        {
            await RawServer.ReadHeadAsync(socket, cancellation);
            socket.LingerState = new LingerOption(true, 0);
        }),
        "closes" => new RawServer(RawServer.ReadHeadAsync),
        "is silent" => new RawServer((_, cancellation) => Task.Delay(Timeout.Infinite, cancellation)),
        "answers no HTTP" => RawServer.Answering("220 mail.example.com ESMTP\r\n"),
        "answers 503" => RawServer.Answering("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        _ => null,
    };

    private static SidecarConfig Config(int good, int bad, params RetryCondition[] on)
    {
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, good, bad).WithRoute("reviews", route => route with
        {
            Retry = on.Length == 0 ? null : new RetryPolicy
            {
                Attempts = 2, RetryOn = [.. on], PerTryTimeout = TimeSpan.FromSeconds(1), BackoffBase = TimeSpan.FromMilliseconds(1), BackoffMax = TimeSpan.FromMilliseconds(2),
            },
        });
        return config with { Clusters = [.. config.Clusters.Select(cluster => cluster with { Outliers = Strict })] };
    }
}
