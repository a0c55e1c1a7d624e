using System.Net;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

/// <summary>What the client sees and the log says when a request cannot be carried out.</summary>
public sealed class RoutingAndFaultTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_matching_route_is_404_NR()
    {
        var config = Reviews(1).WithRoute("reviews", route => route with { Matches = [new RequestMatch { Path = new StringMatch { Kind = StringMatchKind.Prefix, Value = "/only" } }] });
        await ExpectAsync(config, 404, "NR", "No route of reviews.default.svc.cluster.local:9080 matches GET /.");
    }

    [Fact]
    public async Task An_unknown_cluster_share_is_503_NC_and_says_what_is_wrong()
    {
        var config = Reviews(1).WithRoute("reviews", route => route with
        {
            Destinations = [new WeightedCluster { Cluster = "outbound|9080|v9|reviews", Broken = new BrokenRoute { Status = 503, Message = "Subset v9 does not exist." } }],
        });
        await ExpectAsync(config, 503, "NC", "Subset v9 does not exist.");
    }

    [Fact]
    public async Task A_broken_route_answers_for_itself_and_leaves_the_others_alone()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("fine"));
        var config = Reviews(app.Port);
        var table = config.Routes[0];
        var host = table.VirtualHosts[0];
        config = config with
        {
            Routes = [table with { VirtualHosts = [host with { Routes = [
                new Route
                {
                    Name = "bad", Matches = [new RequestMatch { Path = new StringMatch { Kind = StringMatchKind.Prefix, Value = "/bad" } }],
                    Broken = new BrokenRoute { Status = 500, Message = "The regex '(' does not compile." },
                },
                .. host.Routes] }] }],
        };
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        using var bad = await client.GetAsync("http://reviews/bad", Cancel);
        Assert.Equal(500, (int)bad.StatusCode);
        Assert.Equal("The regex '(' does not compile.", await bad.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("fine", await client.GetStringAsync("http://reviews/good", Cancel));
    }

    [Fact]
    public async Task A_cluster_without_endpoints_is_503_UH() =>
        await ExpectAsync(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http), 503, "UH", "has no healthy endpoint");

    [Fact]
    public async Task An_endpoint_that_refuses_is_503_UF() =>
        await ExpectAsync(Reviews(RawServer.ClosedPort()), 503, "UF", "connection refused");

    [Fact]
    public async Task An_endpoint_that_closes_before_it_answers_is_503_UC()
    {
        await using var server = new RawServer(async (socket, cancellation) => await RawServer.ReadHeadAsync(socket, cancellation));
        await ExpectAsync(Reviews(server.Port), 503, "UC", "closed the connection before it answered");
    }

    [Fact]
    public async Task What_is_no_response_is_502_UPE()
    {
        await using var server = RawServer.Answering("nonsense\r\n\r\n");
        await ExpectAsync(Reviews(server.Port), 502, "UPE", "is not an HTTP response");
    }

    [Fact]
    public async Task The_timeout_of_the_route_is_504_UT()
    {
        await using var server = new RawServer(async (socket, cancellation) => await socket.ReceiveAsync(new byte[1], SocketFlags.Peek, cancellation)
            .AsTask().ContinueWith(_ => Task.Delay(Timeout.Infinite, cancellation), cancellation).Unwrap());
        var config = Reviews(server.Port).WithRoute("reviews", route => route with { Timeout = TimeSpan.FromMilliseconds(200) });
        await ExpectAsync(config, 504, "UT", "within the route's timeout of 0.2 s");
    }

    [Fact]
    public async Task An_unknown_host_is_passed_through_to_where_the_connection_was_going()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync($"out there {c.Request.Host}"));
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("reviews", app.Port, AppProtocol.Http, 1), logged: true);
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, app.Port);
        using var client = sidecar.Client();

        Assert.Equal("out there example.com", await client.GetStringAsync("http://example.com/", Cancel));
        Assert.Contains($"\"127.0.0.1:{app.Port}\" PassthroughCluster", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_port_is_passed_through_without_waiting_for_a_protocol()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("out there"));
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig());
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, app.Port);
        using var client = sidecar.Client();

        Assert.Equal("out there", await client.GetStringAsync("http://example.com/", Cancel));
    }

    [Fact]
    public async Task An_unknown_host_is_502_where_only_the_registry_may_be_called()
    {
        var config = Reviews(1);
        config = config with { Outbound = config.Outbound with { UnknownDestinations = UnknownDestinations.RegistryOnly } };
        await ExpectAsync(config, 502, "-", "No service of the mesh is named example.com", "http://example.com/");
    }

    [Fact]
    public async Task An_unknown_port_is_502_for_HTTP_and_closed_for_others_where_only_the_registry_may_be_called()
    {
        var config = new SidecarConfig { Outbound = new OutboundConfig { UnknownDestinations = UnknownDestinations.RegistryOnly } };
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();
        using var response = await client.GetAsync("http://example.com/", Cancel);
        Assert.Equal(502, (int)response.StatusCode);

        using var raw = await sidecar.ConnectOutboundAsync();
        await raw.GetStream().WriteAsync("\0\0binary"u8.ToArray(), Cancel);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            if (await raw.GetStream().ReadAsync(new byte[1], Cancel) == 0) throw new IOException("closed");
        });
    }

    [Fact]
    public async Task Weights_share_the_traffic()
    {
        await using var one = await TestApp.StartAsync(c => c.Response.WriteAsync("1"));
        await using var two = await TestApp.StartAsync(c => c.Response.WriteAsync("2"));
        var config = new SidecarConfig().WithService("a", 9080, AppProtocol.Http, one.Port).WithService("b", 9080, AppProtocol.Http, two.Port);
        config = config.WithRoute("a", route => route with
        {
            Destinations = [new WeightedCluster { Cluster = config.Clusters[0].Name, Weight = 80 }, new WeightedCluster { Cluster = config.Clusters[1].Name, Weight = 20 }],
        });
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();

        var twos = 0;
        for (var i = 0; i < 500; i++) twos += await client.GetStringAsync("http://a/", Cancel) == "2" ? 1 : 0;

        Assert.InRange(twos, 60, 145);
    }

    [Fact]
    public async Task A_client_that_leaves_is_DC_and_the_endpoint_learns_of_it()
    {
        var aborted = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(async c =>
        {
            c.RequestAborted.Register(aborted.SetResult);
            arrived.SetResult();
            await aborted.Task;
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port), logged: true);
        using (var client = await sidecar.ConnectOutboundAsync())
        {
            await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: reviews\r\n\r\n"u8.ToArray(), Cancel);
            await arrived.Task;
        }

        await aborted.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Assert.Contains("\" 0 DC downstream_remote_disconnect", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task CONNECT_on_a_port_of_HTTP_is_refused_in_words()
    {
        await using var sidecar = await TestSidecar.StartAsync(Reviews(1));
        using var client = await sidecar.ConnectOutboundAsync();
        await client.GetStream().WriteAsync("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"u8.ToArray(), Cancel);

        Assert.StartsWith("HTTP/1.1 501 ", await RawServer.ReadHeadAsync(client.Client, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_that_the_endpoint_closed_while_idle_cost_no_request()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            await RawServer.ReadHeadAsync(socket, cancellation);
            await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), cancellation);
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(server.Port));
        using var client = sidecar.Client();

        for (var i = 0; i < 100; i++)
        {
            using var answer = await client.GetAsync("http://reviews/", Cancel);
            Assert.Equal((200, "ok"), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel)));
        }
    }

    [Fact]
    public async Task An_application_that_dies_costs_its_requests_and_is_found_again_when_it_is_back()
    {
        var arrived = new TaskCompletionSource();
        var app = await TestApp.StartAsync(async c =>
        {
            arrived.TrySetResult();
            await Task.Delay(Timeout.Infinite, c.RequestAborted);
        });
        var port = app.Port;
        await using var sidecar = await TestSidecar.StartAsync(Reviews(port), logged: true);
        using var client = sidecar.Client();
        var lost = client.GetAsync("http://reviews/", Cancel);
        await arrived.Task;
        await app.DisposeAsync();
        using (var answer = await lost) Assert.Equal(503, (int)answer.StatusCode);
        using (var answer = await client.GetAsync("http://reviews/", Cancel)) Assert.Equal(503, (int)answer.StatusCode);

        using var listener = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(64);
        await using var again = await TestApp.StartAsync(c => c.Response.WriteAsync("back"), listener: listener);

        Assert.Equal("back", await client.GetStringAsync("http://reviews/", Cancel));
        var lines = await sidecar.LogLinesAsync(3);
        Assert.Contains("\" 503 UC ", lines[0], StringComparison.Ordinal);
        Assert.Contains("\" 503 UF ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_that_breaks_off_is_cut_for_the_client_too()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
        await using var sidecar = await TestSidecar.StartAsync(Reviews(server.Port), logged: true);
        using var client = sidecar.Client();

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("http://reviews/", Cancel));
        Assert.Contains("\" 200 UC upstream_reset_after_response_started", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_config_change_moves_traffic_at_once_and_a_vanished_endpoint_is_left()
    {
        await using var one = await TestApp.StartAsync(c => c.Response.WriteAsync("1"));
        await using var two = await TestApp.StartAsync(c => c.Response.WriteAsync("2"));
        await using var sidecar = await TestSidecar.StartAsync(Reviews(one.Port));
        using var client = sidecar.Client();
        Assert.Equal("1", await client.GetStringAsync("http://reviews/", Cancel));

        sidecar.Apply(Reviews(two.Port) with { Revision = 2 });

        for (var i = 0; i < 20; i++) Assert.Equal("2", await client.GetStringAsync("http://reviews/", Cancel));
        Assert.Equal(1, sidecar.Sidecar.Clients.Count);
    }

    [Fact]
    public async Task A_request_in_flight_to_a_vanished_endpoint_finishes()
    {
        var go = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(async c =>
        {
            arrived.SetResult();
            await go.Task;
            await c.Response.WriteAsync("finished");
        });
        await using var sidecar = await TestSidecar.StartAsync(Reviews(app.Port));
        using var client = sidecar.Client();
        var answer = client.GetStringAsync("http://reviews/", Cancel);
        await arrived.Task;

        sidecar.Apply(Reviews(RawServer.ClosedPort()) with { Revision = 2 });
        go.SetResult();

        Assert.Equal("finished", await answer);
    }

    [Fact]
    public async Task A_config_change_keeps_the_connections_to_the_application()
    {
        var connections = new HashSet<string>();
        await using var app = await TestApp.StartAsync(c =>
        {
            lock (connections) connections.Add(c.Connection.Id);
            return c.Response.WriteAsync("ok");
        });
        var config = new SidecarConfig().WithInbound(app.Port, AppProtocol.Http);
        await using var sidecar = await TestSidecar.StartAsync(config);
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, app.Port);
        using var client = sidecar.InboundClient();
        for (var revision = 2; revision < 6; revision++)
        {
            Assert.Equal("ok", await client.GetStringAsync("http://app/", Cancel));
            sidecar.Apply(config.WithService($"s{revision}", 80, AppProtocol.Http, 1) with { Revision = revision });
        }

        Assert.Equal("ok", await client.GetStringAsync("http://app/", Cancel));
        Assert.Single(connections);
    }

    private static SidecarConfig Reviews(params int[] ports) => new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, ports);

    private static async Task ExpectAsync(SidecarConfig config, int status, string flag, string message, string url = "http://reviews/")
    {
        await using var sidecar = await TestSidecar.StartAsync(config, logged: true);
        using var client = sidecar.Client();
        using var response = await client.GetAsync(url, Cancel);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(message, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains($"\" {status} {flag} ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }
}
