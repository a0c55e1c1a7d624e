using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

/// <summary>Wildcard services whose requests go to the addresses of the very host they ask for.</summary>
public sealed class DynamicDnsTests
{
    private const string Wildcard = "*.example.com";
    private static readonly IPAddress Own = IPAddress.Parse("127.0.0.66");

    private int lookups;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_request_goes_to_an_address_of_the_host_it_asks_for()
    {
        await using var two = await ServerAsync("127.0.0.2", 0, "two");
        await using var three = await ServerAsync("127.0.0.3", two.Port, "three");
        await using var sidecar = await StartAsync(Config(two.Port), name => name == "a.example.com" ? ["127.0.0.2"] : ["127.0.0.3"]);
        using var client = sidecar.Client();

        Assert.Equal("two a.example.com", await client.GetStringAsync("http://a.example.com/", Cancel));
        Assert.Equal("three b.c.example.com", await client.GetStringAsync("http://b.c.example.com/", Cancel));
        Assert.Equal("two A.example.com:9080", await GetAsync(client, "A.example.com:9080"));
        Assert.Equal(2, lookups);
    }

    [Fact]
    public async Task Requests_are_balanced_over_all_its_addresses()
    {
        await using var two = await ServerAsync("127.0.0.2", 0, "two");
        await using var three = await ServerAsync("127.0.0.3", two.Port, "three");
        await using var sidecar = await StartAsync(Config(two.Port), _ => ["127.0.0.2", "127.0.0.3"]);
        using var client = sidecar.Client();

        var answers = new HashSet<string>();
        for (var i = 0; i < 4; i++) answers.Add(await client.GetStringAsync("http://a.example.com/", Cancel));

        Assert.Equal(["three a.example.com", "two a.example.com"], answers.Order());
    }

    [Fact]
    public async Task Another_address_is_tried_where_one_takes_no_connection()
    {
        await using var three = await ServerAsync("127.0.0.3", 0, "three");
        var config = Config(three.Port, retry: new RetryPolicy { Attempts = 1, RetryOn = [RetryCondition.ConnectFailure] });
        await using var sidecar = await StartAsync(config, _ => ["127.0.0.2", "127.0.0.3"]);
        using var client = sidecar.Client();

        for (var i = 0; i < 4; i++) Assert.Equal("three a.example.com", await client.GetStringAsync("http://a.example.com/", Cancel));
    }

    [Fact]
    public async Task A_host_that_does_not_resolve_is_503_DF_and_others_are_well()
    {
        await using var two = await ServerAsync("127.0.0.2", 0, "two");
        await using var sidecar = await StartAsync(Config(two.Port), name => name == "a.example.com" ? ["127.0.0.2"] : throw new SocketException((int)SocketError.HostNotFound));
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://no.example.com/", Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("no.example.com does not resolve", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("\" 503 DF ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
        Assert.Equal("two a.example.com", await client.GetStringAsync("http://a.example.com/", Cancel));
    }

    [Fact]
    public async Task A_host_that_leads_back_to_the_proxy_is_refused()
    {
        await using var app = await ServerAsync(Own.ToString(), 0, "own");
        await using var sidecar = await StartAsync(Config(app.Port), _ => [Own.ToString()]);
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://a.example.com/", Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("a.example.com is 127.0.0.66, which leads back", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_rewritten_to_a_host_outside_of_the_wildcard_goes_nowhere()
    {
        await using var two = await ServerAsync("127.0.0.2", 0, "two");
        await using var sidecar = await StartAsync(Config(two.Port, rewrite: new Rewrite { Authority = "example.org" }), _ => ["127.0.0.2"]);
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://a.example.com/", Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("example.org is none of *.example.com", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(0, lookups);
    }

    [Fact]
    public async Task The_routes_timeout_covers_the_lookup()
    {
        var never = new TaskCompletionSource<IPAddress[]>();
        await using var sidecar = await TestSidecar.StartAsync(
            Config(80, timeout: TimeSpan.FromMilliseconds(100)), options: options => options with { LookUp = (_, _) => never.Task, LeadsBack = _ => false });
        using var client = sidecar.Client();

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await client.GetAsync("http://a.example.com/", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_lookup_takes_no_longer_than_a_connection_may()
    {
        var never = new TaskCompletionSource<IPAddress[]>();
        await using var sidecar = await TestSidecar.StartAsync(
            Config(80, connect: TimeSpan.FromMilliseconds(100)), logged: true, options: options => options with { LookUp = (_, _) => never.Task, LeadsBack = _ => false });
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://a.example.com/", Cancel);

        Assert.Contains("a.example.com was not resolved within 0.1 s", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("\" 503 DF ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_config_knows_the_hosts_of_the_one_before()
    {
        await using var two = await ServerAsync("127.0.0.2", 0, "two");
        await using var sidecar = await StartAsync(Config(two.Port), _ => ["127.0.0.2"]);
        using var client = sidecar.Client();
        await client.GetStringAsync("http://a.example.com/", Cancel);
        var member = Assert.Single(Members(sidecar));

        sidecar.Apply(Config(two.Port, timeout: TimeSpan.FromSeconds(9)) with { Revision = 2 });

        Assert.Equal("two a.example.com", await client.GetStringAsync("http://a.example.com/", Cancel));
        Assert.Same(member.State, Assert.Single(Members(sidecar)).State);
        Assert.Equal((1, 2), (lookups, (int)member.State.Requests));
    }

    [Fact]
    public async Task The_only_address_of_a_host_is_used_however_often_it_fails()
    {
        await using var two = await TestApp.StartAsync(c => { c.Response.StatusCode = 500; return Task.CompletedTask; }, listener: Listener("127.0.0.2", 0));
        await using var sidecar = await StartAsync(Config(two.Port, outliers: new OutlierDetection { Consecutive5xx = 1, MaxEjectionPercent = 100 }), _ => ["127.0.0.2"]);
        using var client = sidecar.Client();

        // A second host, so that the member that fails is not the last of the cluster.
        foreach (var host in new[] { "b", "a", "a", "a" }) Assert.Equal(500, (int)(await client.GetAsync($"http://{host}.example.com/", Cancel)).StatusCode);
        Assert.Contains(Members(sidecar), member => member.State.Health.IsEjected);
    }

    [Theory]
    [InlineData("a.example.com", true)]
    [InlineData("b.example.com", false)]
    public async Task A_TLS_connection_goes_to_an_address_of_its_server_name(string name, bool resolves)
    {
        var helloes = 0;
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            if (await socket.ReceiveAsync(new byte[1024], cancellation) > 0) Interlocked.Increment(ref helloes);
        });
        await using var sidecar = await StartAsync(Config(server.Port, protocol: AppProtocol.Tls), asked => asked == "a.example.com" ? ["127.0.0.1"] : throw new SocketException((int)SocketError.HostNotFound));
        using var client = await sidecar.ConnectOutboundAsync();
        await using var tls = new System.Net.Security.SslStream(client.GetStream());

        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(new() { TargetHost = name, EnabledSslProtocols = SslProtocols.Tls12 }, Cancel));

        client.Close();
        Assert.Equal(resolves ? 1 : 0, helloes);
        Assert.Contains(resolves ? $"127.0.0.1:{server.Port}" : " DF ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    private static IEnumerable<CompiledEndpoint> Members(TestSidecar sidecar) => sidecar.Sidecar.State.Current!.FindCluster($"outbound|9080||{Wildcard}")!.Pool.Members;

    private static async Task<string> GetAsync(HttpClient client, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://x/") { Headers = { Host = host } };
        using var response = await client.SendAsync(request, Cancel);
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    private Task<TestSidecar> StartAsync(SidecarConfig config, Func<string, string[]> resolve) => TestSidecar.StartAsync(config, logged: true, options: options => options with
    {
        LeadsBack = Own.Equals,
        LookUp = (name, _) =>
        {
            Interlocked.Increment(ref lookups);
            return Task.FromResult<IPAddress[]>([.. resolve(name).Select(IPAddress.Parse)]);
        },
    });

    private static Task<TestApp> ServerAsync(string address, int port, string name) =>
        TestApp.StartAsync(c => c.Response.WriteAsync($"{name} {c.Request.Host.Value}"), listener: Listener(address, port));

    private static Socket Listener(string address, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        socket.Listen();
        return socket;
    }

    private static SidecarConfig Config(
        int port, AppProtocol protocol = AppProtocol.Http, TimeSpan? timeout = null, TimeSpan? connect = null, RetryPolicy? retry = null, Rewrite? rewrite = null, OutlierDetection? outliers = null)
    {
        var name = ClusterNames.Outbound(9080, "", Wildcard);
        WeightedCluster[] all = [new() { Cluster = name }];
        var isTls = protocol == AppProtocol.Tls;
        return new SidecarConfig
        {
            Outbound = new OutboundConfig
            {
                Listeners = [new OutboundListener { Port = 9080, Protocol = protocol, RouteTable = isTls ? "" : "9080", TlsRoutes = isTls ? [new TlsRoute { SniHosts = [Wildcard], Destinations = [.. all] }] : [] }],
            },
            Routes =
            [
                new RouteTable
                {
                    Name = "9080",
                    VirtualHosts = [new VirtualHost { Name = "wild", Domains = [Wildcard], Routes = [new Mesh.Config.Route { Destinations = [.. all], Timeout = timeout, Retry = retry, Rewrite = rewrite }] }],
                },
            ],
            Clusters =
            [
                new Cluster
                {
                    Name = name, Host = Wildcard, Port = 9080, Protocol = protocol, Discovery = Discovery.DynamicDns, LoadBalancing = LoadBalancing.RoundRobin,
                    ConnectTimeout = connect ?? TimeSpan.FromSeconds(5), Outliers = outliers,
                },
            ],
            Endpoints = [new EndpointGroup { Host = Wildcard, Port = 9080, Endpoints = [new Mesh.Config.Endpoint { Address = Wildcard, Port = port }] }],
        };
    }
}
