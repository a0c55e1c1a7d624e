using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Sidecar.Tests;

/// <summary>Ports that the sidecar listens on by itself (captureMode NONE).</summary>
public sealed class OwnListenerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_application_calls_services_through_its_sidecars_port_by_their_names()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync($"hello {c.Request.Host}"));
        var port = FreePort.Find();
        await using var sidecar = await TestSidecar.StartAsync(Calling("reviews", port, AppProtocol.Http, app.Port), logged: true);
        sidecar.Destination = null; // nothing is captured here
        using var client = new HttpClient();

        using var known = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/") { Headers = { Host = "reviews" } };
        using var unknown = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/") { Headers = { Host = "nobody" } };
        Assert.Equal("hello reviews", await (await client.SendAsync(known, Cancel)).Content.ReadAsStringAsync(Cancel));
        using var refused = await client.SendAsync(unknown, Cancel);

        // Under ALLOW_ANY too: nobody knows where else the client meant to go.
        Assert.Equal(502, (int)refused.StatusCode);
        Assert.Contains("nobody", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{port}", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_go_to_the_one_service_of_the_port()
    {
        await using var server = new RawServer(async (socket, cancellation) => await socket.SendAsync("220 hello\r\n"u8.ToArray(), cancellation));
        var port = FreePort.Find();
        await using var sidecar = await TestSidecar.StartAsync(Calling("mail", port, AppProtocol.Tcp, server.Port));
        Assert.Equal("220 hello\r\n", await HeardAsync(port));
    }

    [Fact]
    public async Task Without_a_service_bytes_go_nowhere_and_never_back_to_the_port_itself()
    {
        var port = FreePort.Find();
        var config = Calling("mail", port, AppProtocol.Tcp, 1);
        config = config with { Outbound = config.Outbound with { Listeners = [config.Outbound.Listeners[0] with { TcpDestinations = [] }] } };
        await using var sidecar = await TestSidecar.StartAsync(config, logged: true);
        Assert.Equal("", await HeardAsync(port));
        Assert.Contains(" NR ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_whose_callers_choose_the_member_has_none_there()
    {
        var port = FreePort.Find();
        var config = Calling("db", port, AppProtocol.Tcp, 1);
        config = config with { Clusters = [config.Clusters[0] with { Discovery = Discovery.OriginalDestination }], Endpoints = [] };
        await using var sidecar = await TestSidecar.StartAsync(config, logged: true);
        Assert.Equal("", await HeardAsync(port));
        Assert.Contains(" UH ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_arrives_at_a_port_of_the_sidecars_own_goes_to_the_application()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("hello"));
        var port = FreePort.Find();
        await using var sidecar = await TestSidecar.StartAsync(
            new SidecarConfig { Inbound = new InboundConfig { Ports = [new InboundPort { Port = port, Protocol = AppProtocol.Http, Bind = "0.0.0.0", Endpoint = $"127.0.0.1:{app.Port}" }] } }, logged: true);
        sidecar.Destination = null;
        using var client = new HttpClient();
        Assert.Equal("hello", await client.GetStringAsync($"http://127.0.0.1:{port}/", Cancel));
        Assert.Contains($" inbound|{port}|| ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mutual_TLS_is_asked_for_there_as_anywhere()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("hello"));
        var port = FreePort.Find();
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig
        {
            Inbound = new InboundConfig { MutualTls = MutualTlsMode.Strict, Ports = [new InboundPort { Port = port, Protocol = AppProtocol.Http, Bind = "127.0.0.1", Endpoint = $"127.0.0.1:{app.Port}" }] },
        });
        using var client = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync($"http://127.0.0.1:{port}/", Cancel));
    }

    [Fact]
    public async Task Ports_follow_the_config_and_one_that_is_taken_is_had_once_it_is_free()
    {
        await using var app = await TestApp.StartAsync(c => c.Response.WriteAsync("hello"));
        var (first, second) = (FreePort.Find(), FreePort.Find());
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var other = new TcpListener(IPAddress.Loopback, second);
        other.Start();
        await using var sidecar = await TestSidecar.StartAsync(Calling("reviews", first, AppProtocol.Http, app.Port).Patient(), clock);
        Assert.Equal("hello", await AskAsync(first));

        sidecar.Apply(Calling("reviews", second, AppProtocol.Http, app.Port).Patient() with { Revision = 2 });
        await Eventually.True(() => !Accepts(first), "the first port to be closed");
        other.Stop();
        await Eventually.True(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(5));
                return Accepts(second);
            },
            "the second port to be open");
        Assert.Equal("hello", await AskAsync(second));
    }

    private static SidecarConfig Calling(string service, int port, AppProtocol protocol, int endpoint)
    {
        var config = new SidecarConfig().WithService(service, port, protocol, endpoint);
        return config with { Outbound = config.Outbound with { Listeners = [config.Outbound.Listeners[0] with { Addresses = ["127.0.0.1"], Listens = true }] } };
    }

    private static async Task<string> AskAsync(int port)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/") { Headers = { Host = "reviews" } };
        using var response = await client.SendAsync(request, Cancel);
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    private static bool Accepts(int port)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<string> HeardAsync(int port)
    {
        using var client = new TcpClient();
        var buffer = new byte[64];
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, Cancel);
            return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, Cancel));
        }
        catch (Exception e) when (e is IOException or SocketException) // reset, perhaps before this side saw it open
        {
            return "";
        }
    }
}
