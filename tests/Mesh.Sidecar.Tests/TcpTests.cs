using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;

namespace Mesh.Sidecar.Tests;

public sealed class TcpTests : OpaqueBytesTests
{
    [Fact]
    public async Task A_server_that_speaks_first_is_heard_at_once_on_a_declared_port()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            await socket.SendAsync("220 ready\r\n"u8.ToArray(), cancellation);
            await socket.ReceiveAsync(new byte[16], cancellation);
        });
        // Detection would wait for an hour: that the greeting comes at all shows that nobody waits.
        var config = new SidecarConfig().WithService("mail", 25, AppProtocol.Tcp, server.Port);
        config = config with { Mesh = config.Mesh with { ProtocolDetectionTimeout = TimeSpan.FromHours(1) } };
        await using var sidecar = await TestSidecar.StartAsync(config);
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.2"), 25);
        using var client = await sidecar.ConnectOutboundAsync();

        Assert.Equal("220 ready\r\n", await ReadAsync(client, 11));
    }

    [Fact]
    public async Task Silence_on_an_undeclared_port_is_opaque_TCP_after_the_detection_timeout()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            await socket.SendAsync("hello"u8.ToArray(), cancellation);
            await socket.ReceiveAsync(new byte[16], cancellation);
        });
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig());
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, server.Port);
        using var client = await sidecar.ConnectInboundAsync();

        Assert.Equal("hello", await ReadAsync(client, 5));
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_closes_the_connection_and_the_log_says_UF()
    {
        await using var sidecar = await TcpSidecarAsync(RawServer.ClosedPort(), logged: true);

        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var client = await sidecar.ConnectOutboundAsync();
            await client.Client.ReceiveAsync(new byte[1], Cancel);
        });
        Assert.Contains("\"- - -\" 0 UF - - \"connection refused\" 0 0 ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_refuses_is_passed_over_for_another()
    {
        await using var server = new RawServer(async (socket, cancellation) => await socket.SendAsync("here"u8.ToArray(), cancellation));
        var config = new SidecarConfig().WithService("db", 6379, AppProtocol.Tcp, RawServer.ClosedPort(), server.Port);
        await using var sidecar = await TestSidecar.StartAsync(config);
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.2"), 6379);
        for (var i = 0; i < 4; i++)
        {
            using var client = await sidecar.ConnectOutboundAsync();
            Assert.Equal("here", await ReadAsync(client, 4));
        }
    }

    [Fact]
    public async Task Binary_traffic_on_an_undeclared_port_with_HTTP_routes_is_opaque_TCP()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            var buffer = new byte[64];
            var count = await socket.ReceiveAsync(buffer, cancellation);
            await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
        });
        var config = new SidecarConfig().WithService("any", 9000, AppProtocol.Auto, server.Port);
        var listener = config.Outbound.Listeners[0] with { TcpDestinations = [new WeightedCluster { Cluster = config.Clusters[0].Name }] };
        await using var sidecar = await TestSidecar.StartAsync(config with { Outbound = config.Outbound with { Listeners = [listener] } });
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.2"), 9000);
        using var client = await sidecar.ConnectOutboundAsync();
        await client.Client.SendAsync("*1\r\n$4\r\nPING\r\n"u8.ToArray(), Cancel);

        Assert.Equal("*1\r\n$4\r\nPING\r\n", await ReadAsync(client, 14));
    }

    [Fact]
    public async Task TLS_is_passed_through_and_routed_by_its_server_name()
    {
        using var certificate = SelfSigned("one.example.com");
        await using var one = TlsServer(certificate, "one");
        await using var two = TlsServer(certificate, "two");
        var config = new SidecarConfig().WithService("one", 443, AppProtocol.Tls, one.Port).WithService("two", 443, AppProtocol.Tls, two.Port);
        var listener = config.Outbound.Listeners[0] with
        {
            TcpDestinations = [],
            TlsRoutes =
            [
                new TlsRoute { SniHosts = ["one.example.com"], Destinations = [new WeightedCluster { Cluster = config.Clusters[0].Name }] },
                new TlsRoute { SniHosts = ["*.example.org"], Destinations = [new WeightedCluster { Cluster = config.Clusters[1].Name }] },
            ],
        };
        config = config with { Outbound = new OutboundConfig { Listeners = [listener], UnknownDestinations = UnknownDestinations.RegistryOnly } };
        await using var sidecar = await TestSidecar.StartAsync(config, logged: true);
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.2"), 443);

        Assert.Equal("one", await TlsReadAsync(sidecar, "one.example.com"));
        Assert.Equal("two", await TlsReadAsync(sidecar, "a.example.org"));
        await Assert.ThrowsAnyAsync<IOException>(() => TlsReadAsync(sidecar, "unknown.example.net"));
        Assert.Contains(" one.example.com -", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_opened_to_the_proxy_itself_is_refused()
    {
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig());
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, sidecar.Sidecar.OutboundPort);

        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var client = await sidecar.ConnectOutboundAsync();
            await client.Client.ReceiveAsync(new byte[1], Cancel);
        });
    }

    [Fact]
    public async Task A_connection_outlives_the_endpoint_in_config()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            var buffer = new byte[64];
            int count;
            while ((count = await socket.ReceiveAsync(buffer, cancellation)) > 0) await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
        });
        await using var sidecar = await TcpSidecarAsync(server.Port);
        using var client = await sidecar.ConnectOutboundAsync();
        await client.Client.SendAsync("a"u8.ToArray(), Cancel);
        Assert.Equal("a", await ReadAsync(client, 1));

        sidecar.Apply(new SidecarConfig { Revision = 2 }.WithService("db", 6379, AppProtocol.Tcp, RawServer.ClosedPort()));
        await client.Client.SendAsync("b"u8.ToArray(), Cancel);

        Assert.Equal("b", await ReadAsync(client, 1));
    }

    private protected override async Task<OpaqueWay> CarryAsync(int port)
    {
        var sidecar = await TcpSidecarAsync(port, logged: true);
        return new OpaqueWay(sidecar, sidecar);
    }

    private static async Task<TestSidecar> TcpSidecarAsync(int port, bool logged = false)
    {
        var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("db", 6379, AppProtocol.Tcp, port), logged: logged);
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.2"), 6379);
        return sidecar;
    }

    private static RawServer TlsServer(X509Certificate2 certificate, string answer) => new(async (socket, cancellation) =>
    {
        await using var tls = new SslStream(new NetworkStream(socket, ownsSocket: false));
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellation);
        await tls.WriteAsync(Encoding.ASCII.GetBytes(answer), cancellation);
    });

    private static async Task<string> TlsReadAsync(TestSidecar sidecar, string serverName)
    {
        using var client = await sidecar.ConnectOutboundAsync();
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = serverName, RemoteCertificateValidationCallback = (_, _, _, _) => true }, Cancel);
        using var reader = new StreamReader(tls);
        return await reader.ReadToEndAsync(Cancel);
    }

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
