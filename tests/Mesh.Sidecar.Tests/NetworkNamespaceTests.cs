using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Mesh.Config;
using Mesh.Sidecar.Tests.DnsProxy;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

/// <summary>Real sidecar processes behind real capture rules: what no process by itself can show.</summary>
public sealed partial class NetworkNamespaceTests : IAsyncLifetime
{
    private const string Client4 = "10.78.0.1", Client6 = "fd78::1", Server4 = "10.78.0.2", Server6 = "fd78::2";
    private static readonly IPEndPoint ServiceAddress = new(IPAddress.Parse("10.96.0.10"), 9080);

    private NamespacePod client = null!;
    private NamespacePod server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Needs.Netns();
        client = new NamespacePod("client");
        server = new NamespacePod("server");
        NamespacePod.Connect(client, Client4, Client6, server, Server4, Server6);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (client is not null) await client.DisposeAsync();
        if (server is not null) await server.DisposeAsync();
    }

    [Fact]
    public async Task A_request_to_a_service_address_goes_through_both_sidecars_to_the_application()
    {
        await using var app = await AppAsync();
        await client.StartSidecarAsync(ClientConfig());
        await server.StartSidecarAsync(ServerConfig());
        using var http = client.Client(ServiceAddress);

        Assert.Equal($"/page for reviews:9080 from {WellKnown.InboundSourceIPv4}", await http.GetStringAsync("http://reviews:9080/page", Cancel));

        var outbound = await LogLineAsync(client);
        Assert.Contains($"\"{Server4}:9080\" outbound|9080||{SidecarConfig.Fqdn("reviews")}", outbound, StringComparison.Ordinal);
        Assert.Contains($" {ServiceAddress} ", outbound, StringComparison.Ordinal);
        var inbound = await LogLineAsync(server);
        Assert.Contains($"\"{Server4}:9080\" inbound|9080||", inbound, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IPv6_goes_the_same_way()
    {
        await using var app = await AppAsync();
        await client.StartSidecarAsync(ClientConfig());
        await server.StartSidecarAsync(ServerConfig());
        using var http = client.Client(new IPEndPoint(IPAddress.Parse(Server6), 9080));

        Assert.Equal($"/ for unknown from {WellKnown.InboundSourceIPv6}", await http.GetStringAsync("http://unknown/", Cancel));
        Assert.Contains($"\"[{Server6}]:9080\" PassthroughCluster", await LogLineAsync(client), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Server4)]
    [InlineData(Server6)]
    public async Task A_captured_DNS_query_is_answered_by_the_table_or_by_the_name_server_it_was_for_under_one_port_after_the_other(string nameServer)
    {
        var address = IPAddress.Parse(nameServer);
        await using var others = server.Namespace.Inside(() => new FakeNameServer(address, 53, (query, _) => [FakeNameServer.Address(query, "192.0.2.7")]));
        client.NameServer = address;
        var config = ClientConfig();
        await client.StartSidecarAsync(config with
        {
            Outbound = config.Outbound with { Dns = new DnsTable { Names = [new DnsName { Name = "api.example.com", Addresses = ["240.240.0.1"] }] } },
        });

        // From one port, as a resolver may: the answers of the two ways must not be taken for each other.
        using var socket = client.Namespace.Inside(() => new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        await socket.ConnectAsync(new IPEndPoint(address, 53), Cancel);
        for (byte i = 1; i <= 20; i++)
        {
            var inMesh = i % 2 == 0;
            await socket.SendAsync(Query(i, inMesh ? "api" : "www"), Cancel);
            var answer = new byte[512];
            var count = await socket.ReceiveAsync(answer, Cancel).AsTask().WaitAsync(Eventually.Patience, Cancel);
            Assert.Equal(i, answer[1]);
            Assert.Equal(inMesh ? "240.240.0.1" : "192.0.2.7", new IPAddress(answer.AsSpan(count - 4, 4)).ToString());
        }

        Assert.Equal(10, others.Asked.Count);
        using var tcp = client.Namespace.Inside(() => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        await tcp.ConnectAsync(new IPEndPoint(address, 53), Cancel);
        var asked = Query(99, "api");
        await tcp.SendAsync((byte[])[0, (byte)asked.Length, .. asked], Cancel);
        await using var stream = new NetworkStream(tcp);
        var framed = new byte[2];
        await stream.ReadExactlyAsync(framed, Cancel);
        var whole = new byte[framed[1]];
        await stream.ReadExactlyAsync(whole, Cancel);
        Assert.Equal("240.240.0.1", new IPAddress(whole.AsSpan(whole.Length - 4)).ToString());

        static byte[] Query(byte id, string host) =>
            [0, id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, .. Encoding.ASCII.GetBytes(host), 7, .. "example"u8, 3, .. "com"u8, 0, 0, 1, 0, 1];
    }

    [Fact]
    public async Task A_caller_without_a_sidecar_is_served()
    {
        await using var app = await AppAsync();
        await server.StartSidecarAsync(ServerConfig());
        using var http = client.Client(new IPEndPoint(IPAddress.Parse(Server4), 9080));

        Assert.Equal($"/ for plain from {WellKnown.InboundSourceIPv4}", await http.GetStringAsync("http://plain/", Cancel));
    }

    [Fact]
    public async Task A_service_without_a_sidecar_is_reached()
    {
        await using var app = await AppAsync();
        await client.StartSidecarAsync(ClientConfig());
        using var http = client.Client(ServiceAddress);

        Assert.Equal($"/ for reviews from {Client4}", Unmapped(await http.GetStringAsync("http://reviews/", Cancel)));
    }

    [Fact]
    public async Task An_application_that_calls_its_own_service_comes_in_by_the_inbound_side()
    {
        await using var app = await AppAsync();
        await server.StartSidecarAsync(ClientConfig() with { Inbound = ServerConfig().Inbound });
        using var http = server.Client(ServiceAddress);

        Assert.Equal($"/ for reviews from {WellKnown.InboundSourceIPv4}", await http.GetStringAsync("http://reviews/", Cancel));
        await Eventually.True(() => server.LogLines().Length == 2, "one line outbound, one inbound");
    }

    [Fact]
    public async Task A_connection_to_a_captured_port_itself_is_refused_and_does_not_loop()
    {
        await server.StartSidecarAsync(ServerConfig());
        foreach (var port in new[] { WellKnown.InboundPort, WellKnown.OutboundPort })
        {
            var socket = client.Namespace.Inside(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            await Assert.ThrowsAsync<SocketException>(async () =>
            {
                await socket.ConnectAsync(IPAddress.Parse(Server4), port, Cancel);
                await socket.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancel);
                if (await socket.ReceiveAsync(new byte[1], Cancel) == 0) throw new SocketException((int)SocketError.ConnectionReset);
            });
        }
    }

    [Fact]
    public async Task A_changed_config_file_moves_traffic()
    {
        await using var app = await AppAsync();
        await client.StartSidecarAsync(ClientConfig());
        using var http = client.Client(ServiceAddress);
        Assert.Contains("reviews", await http.GetStringAsync("http://reviews/", Cancel), StringComparison.Ordinal);

        client.Write((ClientConfig() with { Revision = 2 }).WithRoute("reviews", route => route with
        {
            Destinations = [], Broken = new BrokenRoute { Status = 500, Message = "Gone." },
        }));

        await Eventually.True(async () =>
        {
            using var answer = await http.GetAsync("http://reviews/", Cancel);
            return (int)answer.StatusCode == 500;
        }, "the new config is in force");
    }

    [Fact]
    public async Task SIGTERM_lets_the_request_in_flight_finish_and_then_the_process_ends_well()
    {
        var arrived = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(async c =>
        {
            arrived.TrySetResult();
            await go.Task;
            await c.Response.WriteAsync("finished");
        }, listener: server.Listen(9080));
        await client.StartSidecarAsync(ClientConfig());
        using var http = client.Client(ServiceAddress);
        var answer = http.GetStringAsync("http://reviews/", Cancel);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        Assert.Equal(0, Kill(client.Process.Id, 15));
        using (var late = client.Client(ServiceAddress))
        {
            // Draining, it still serves: the answer comes when the application gives one.
            var second = late.GetStringAsync("http://reviews/", Cancel);
            go.SetResult();
            Assert.Equal("finished", await second);
        }

        Assert.Equal("finished", await answer);
        await client.Process.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(15), Cancel);
        Assert.Equal(0, client.Process.ExitCode);
    }

    [Fact]
    public async Task A_second_SIGTERM_ends_it_at_once()
    {
        var arrived = new TaskCompletionSource();
        await using var app = await TestApp.StartAsync(async c =>
        {
            arrived.TrySetResult();
            await Task.Delay(Timeout.Infinite, c.RequestAborted);
        }, listener: server.Listen(9080));
        await client.StartSidecarAsync(ClientConfig());
        using var http = client.Client(ServiceAddress);
        var answer = http.GetStringAsync("http://reviews/", Cancel);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Kill(client.Process.Id, 15);
        using (var probe = client.Client(new IPEndPoint(IPAddress.Loopback, WellKnown.ReadinessPort)))
        {
            await Eventually.True(async () =>
            {
                using var ready = await probe.GetAsync("http://sidecar/healthz/ready", Cancel);
                return !ready.IsSuccessStatusCode;
            }, "it is draining");
        }

        Kill(client.Process.Id, 15);

        await client.Process.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(5), Cancel);
        Assert.Equal(1, client.Process.ExitCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => answer);
    }

    [Fact]
    public async Task A_server_that_speaks_first_is_heard_through_both_sidecars()
    {
        using var listener = server.Listen(3306);
        var greet = Task.Run(async () =>
        {
            using var socket = await listener.AcceptAsync(Cancel);
            await socket.SendAsync("greeting"u8.ToArray(), Cancel);
            await socket.ReceiveAsync(new byte[1], Cancel);
        }, Cancel);
        var config = WithEndpointAt(new SidecarConfig().WithService("db", 3306, AppProtocol.Tcp, 3306), Server4);
        await client.StartSidecarAsync(config);
        await server.StartSidecarAsync(new SidecarConfig().WithInbound(3306, AppProtocol.Tcp));
        using var socket = client.Namespace.Inside(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await socket.ConnectAsync(IPAddress.Parse("10.96.0.11"), 3306, Cancel);
        var buffer = new byte[8];
        await new NetworkStream(socket).ReadExactlyAsync(buffer, Cancel);

        Assert.Equal("greeting", Encoding.ASCII.GetString(buffer));
        socket.Shutdown(SocketShutdown.Send);
        await greet;
    }

    [Fact]
    public async Task Under_STRICT_sidecars_reach_each_other_and_themselves_and_nobody_else_does()
    {
        await using var app = await TestApp.StartAsync(
            c => c.Response.WriteAsync($"{c.Request.Headers["x-forwarded-client-cert"]}"), listener: server.Listen(9080));
        var meshed = ClientConfig().WithMutualTls("reviews", "client");
        await server.StartSidecarAsync(meshed with { Inbound = ServerConfig().WithMutualTls(MutualTlsMode.Strict).Inbound });
        foreach (var port in new[] { 9080, 9999 }) // declared or not
        {
            var socket = client.Namespace.Inside(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            await Assert.ThrowsAsync<SocketException>(async () =>
            {
                await socket.ConnectAsync(IPAddress.Parse(Server4), port, Cancel); // no sidecar here yet
                await socket.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancel);
                if (await socket.ReceiveAsync(new byte[1], Cancel) == 0) throw new SocketException((int)SocketError.ConnectionReset);
            });
        }

        await Eventually.True(() => server.LogLines().Count(line => line.Contains("mutual_TLS_is_STRICT", StringComparison.Ordinal)) == 2, "both refusals are in the log");
        await client.StartSidecarAsync(meshed);
        using var http = client.Client(ServiceAddress);
        using var own = server.Client(ServiceAddress);
        Assert.EndsWith($";URI={TestIdentities.Id("client")}", await http.GetStringAsync("http://reviews/", Cancel), StringComparison.Ordinal);
        Assert.EndsWith($";URI={TestIdentities.Id("client")}", await own.GetStringAsync("http://reviews/", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_comes_in_clear_text_is_reported_by_address_and_port_and_the_pod_itself_is_not()
    {
        await using var app = await AppAsync();
        await server.StartSidecarAsync(ClientConfig() with { Inbound = ServerConfig().Inbound });
        using var http = client.Client(new IPEndPoint(IPAddress.Parse(Server4), 9080));
        using var own = server.Client(ServiceAddress);
        await http.GetStringAsync("http://plain/", Cancel);
        await own.GetStringAsync("http://reviews/", Cancel);
        using var status = server.Client(new IPEndPoint(IPAddress.Loopback, WellKnown.StatusPort));

        var clients = await Eventually.Is(
            async () => JsonDocument.Parse(await status.GetStringAsync("http://sidecar/report", Cancel)).RootElement.GetProperty("clearTextClients"),
            told => told.GetArrayLength() > 0, "the report names the caller");

        Assert.Equal((Client4, 9080), (Assert.Single(clients.EnumerateArray()).GetProperty("address").GetString(), clients[0].GetProperty("port").GetInt32()));
    }

    private static SidecarConfig ClientConfig() => WithEndpointAt(new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, 9080), Server4);

    private static SidecarConfig ServerConfig() => new SidecarConfig().WithInbound(9080, AppProtocol.Http);

    private static SidecarConfig WithEndpointAt(SidecarConfig config, string address) => config with
    {
        Endpoints = [.. config.Endpoints.Select(group => group with { Endpoints = [.. group.Endpoints.Select(e => e with { Address = address })] })],
    };

    private static string Unmapped(string text) => text.Replace("::ffff:", "", StringComparison.Ordinal);

    private static async Task<string> LogLineAsync(NamespacePod pod)
    {
        await Eventually.True(() => pod.LogLines().Length > 0, "a line in the access log");
        return pod.LogLines()[0];
    }

    private async Task<TestApp> AppAsync() => await TestApp.StartAsync(
        c => c.Response.WriteAsync(Unmapped($"{c.Request.Path} for {c.Request.Host} from {c.Connection.RemoteIpAddress}")), listener: server.Listen(9080));

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
