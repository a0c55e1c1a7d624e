using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.Extensions.Time.Testing;

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
    public async Task Of_two_server_names_that_fit_the_more_specific_wins_and_subnets_choose_within_one_name()
    {
        using var certificate = SelfSigned("example.com");
        await using var wild = TlsServer(certificate, "wild");
        await using var exact = TlsServer(certificate, "exact");
        await using var near = TlsServer(certificate, "near");
        var config = new SidecarConfig().WithService("wild", 443, AppProtocol.Tls, wild.Port)
            .WithService("exact", 443, AppProtocol.Tls, exact.Port).WithService("near", 443, AppProtocol.Tls, near.Port);
        TlsRoute To(int cluster, string host, params string[] subnets) =>
            new() { SniHosts = [host], Subnets = [.. subnets], Destinations = [new WeightedCluster { Cluster = config.Clusters[cluster].Name }] };
        var listener = config.Outbound.Listeners[0] with
        {
            TcpDestinations = [],
            TlsRoutes = [To(0, "*.example.com"), To(2, "www.example.com", "10.1.0.0/16"), To(1, "www.example.com", "10.0.0.0/8")],
        };
        await using var sidecar = await TestSidecar.StartAsync(config with { Outbound = new OutboundConfig { Listeners = [listener] } });

        Assert.Equal("near", await TlsReadFromAsync(sidecar, "10.1.2.3", "www.example.com"));
        Assert.Equal("exact", await TlsReadFromAsync(sidecar, "10.2.2.3", "www.example.com"));
        Assert.Equal("wild", await TlsReadFromAsync(sidecar, "192.0.2.1", "www.example.com"));
        Assert.Equal("wild", await TlsReadFromAsync(sidecar, "10.1.2.3", "WWW2.example.com"));
    }

    [Fact]
    public async Task Opaque_connections_go_by_network_first_match_wins_and_by_weight_for_each_connection()
    {
        await using var one = Saying("1");
        await using var two = Saying("2");
        await using var rest = Saying("r");
        var config = new SidecarConfig().WithService("one", 6379, AppProtocol.Tcp, one.Port)
            .WithService("two", 6379, AppProtocol.Tcp, two.Port).WithService("rest", 6379, AppProtocol.Tcp, rest.Port);
        WeightedCluster To(int cluster, int weight = 1) => new() { Cluster = config.Clusters[cluster].Name, Weight = weight };
        var listener = config.Outbound.Listeners[0] with
        {
            TcpRoutes =
            [
                new TcpRoute { Subnets = ["10.9.0.0/16"], Destinations = [To(0, 3), To(1, 1)] },
                new TcpRoute { Subnets = ["10.0.0.0/8", "2001:db8::/32"], Destinations = [To(1)] },
            ],
            TcpDestinations = [To(2)],
        };
        await using var sidecar = await TestSidecar.StartAsync(config with { Outbound = new OutboundConfig { Listeners = [listener] } }, logged: true);

        Assert.Equal("2", await ReadFromAsync(sidecar, "10.1.1.1"));
        Assert.Equal("2", await ReadFromAsync(sidecar, "2001:db8::1"));
        Assert.Equal("r", await ReadFromAsync(sidecar, "192.0.2.1"));
        var drawn = new List<string>();
        for (var i = 0; i < 80; i++) drawn.Add(await ReadFromAsync(sidecar, "10.9.1.1"));
        Assert.InRange(drawn.Count(answer => answer == "1"), 45, 75);
        Assert.Equal(80, drawn.Count(answer => answer is "1" or "2"));
        Assert.Contains(config.Clusters[1].Name, (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_longest_network_around_the_destination_chooses_the_listener()
    {
        await using var wide = Saying("w");
        await using var narrow = Saying("n");
        await using var single = Saying("s");
        var config = new SidecarConfig().WithService("wide", 6379, AppProtocol.Tcp, wide.Port)
            .WithService("narrow", 6379, AppProtocol.Tcp, narrow.Port).WithService("single", 6379, AppProtocol.Tcp, single.Port);
        var listeners = config.Outbound.Listeners;
        await using var sidecar = await TestSidecar.StartAsync(config with
        {
            Outbound = new OutboundConfig
            {
                Listeners =
                [
                    listeners[0] with { Addresses = ["10.0.0.0/8"] }, listeners[1] with { Addresses = ["10.7.0.0/16", "2001:db8::/32"] },
                    listeners[2] with { Addresses = ["10.7.7.7"] },
                ],
                UnknownDestinations = UnknownDestinations.RegistryOnly,
            },
        });

        Assert.Equal("w", await ReadFromAsync(sidecar, "10.1.1.1"));
        Assert.Equal("n", await ReadFromAsync(sidecar, "10.7.1.1"));
        Assert.Equal("n", await ReadFromAsync(sidecar, "2001:db8::5"));
        Assert.Equal("s", await ReadFromAsync(sidecar, "10.7.7.7"));
        await Assert.ThrowsAnyAsync<Exception>(() => ReadFromAsync(sidecar, "11.0.0.1"));
    }

    [Fact]
    public async Task A_connection_that_carries_nothing_for_the_idle_timeout_is_closed()
    {
        var clock = new FakeTimeProvider();
        var ended = new TaskCompletionSource();
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            await socket.SendAsync("hi"u8.ToArray(), cancellation);
            while (await socket.ReceiveAsync(new byte[16], cancellation) > 0) await socket.SendAsync("more"u8.ToArray(), cancellation);
            ended.SetResult();
        });
        var config = new SidecarConfig().Patient().WithService("db", 6379, AppProtocol.Tcp, server.Port).Patient();
        config = config with { Clusters = [config.Clusters[0] with { Pool = new ConnectionPool { TcpIdleTimeout = TimeSpan.FromMinutes(10) } }] };
        await using var sidecar = await TestSidecar.StartAsync(config, clock, logged: true);
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.2"), 6379);
        using var client = await sidecar.ConnectOutboundAsync();
        Assert.Equal("hi", await ReadAsync(client, 2));

        clock.Advance(TimeSpan.FromMinutes(9));
        await client.Client.SendAsync("x"u8.ToArray(), Cancel);
        Assert.Equal("more", await ReadAsync(client, 4)); // and that is ten more minutes
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.False(ended.Task.IsCompleted);

        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, await client.Client.ReceiveAsync(new byte[1], Cancel)); // a close, not a reset
        await ended.Task.WaitAsync(Eventually.Patience, Cancel);
        Assert.Contains(" tcp_session_idle_timeout ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_is_closed_at_the_age_it_may_have_however_busy_it_is()
    {
        var clock = new FakeTimeProvider();
        await using var server = Saying("1", stay: true);
        var config = new SidecarConfig().WithService("db", 6379, AppProtocol.Tcp, server.Port).Patient();
        config = config with { Clusters = [config.Clusters[0] with { Pool = new ConnectionPool { MaxConnectionDuration = TimeSpan.FromMinutes(10) } }] };
        await using var sidecar = await TestSidecar.StartAsync(config, clock, logged: true);
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.2"), 6379);
        using var client = await sidecar.ConnectOutboundAsync();
        Assert.Equal("1", await ReadAsync(client, 1));

        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(0, await client.Client.ReceiveAsync(new byte[1], Cancel));
        Assert.Contains(" max_connection_duration_reached ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_of_a_connection_are_counted_while_it_lives_and_once()
    {
        var clock = new FakeTimeProvider();
        await using var server = Saying("hello", stay: true);
        await using var sidecar = await TestSidecar.StartAsync(new SidecarConfig().WithService("db", 6379, AppProtocol.Tcp, server.Port).Patient(), clock);
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.2"), 6379);
        using (var client = await sidecar.ConnectOutboundAsync())
        {
            Assert.Equal("hello", await ReadAsync(client, 5));
            Assert.Equal(0, await SentAsync());
            clock.Advance(TimeSpan.FromSeconds(16));
            Assert.Equal(5, await SentAsync());
            clock.Advance(TimeSpan.FromSeconds(16));
        }

        await Eventually.True(() => sidecar.Sidecar.Drain.Open == 0, "the connection ends");
        Assert.Equal(5, await SentAsync());

        async Task<double> SentAsync()
        {
            using var metrics = sidecar.ControlClient(1);
            return (await metrics.GetStringAsync("/stats/prometheus", Cancel)).Split('\n').Where(line => line.StartsWith("istio_tcp_sent_bytes_total{", StringComparison.Ordinal))
                .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public async Task A_connection_counts_under_the_cluster_it_went_to_and_under_how_it_ended()
    {
        await using var server = Saying("1");
        var config = new SidecarConfig().WithService("up", 6379, AppProtocol.Tcp, server.Port).WithService("down", 6380, AppProtocol.Tcp, RawServer.ClosedPort());
        await using var sidecar = await TestSidecar.StartAsync(config);
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.2"), 6379);
        using (var client = await sidecar.ConnectOutboundAsync()) Assert.Equal("1", await ReadAsync(client, 1));
        sidecar.Destination = new IPEndPoint(IPAddress.Parse("10.96.0.3"), 6380);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var client = await sidecar.ConnectOutboundAsync();
            await ReadAsync(client, 1);
        });

        await Eventually.True(async () =>
        {
            using var metrics = sidecar.ControlClient(1);
            var lines = (await metrics.GetStringAsync("/stats/prometheus", Cancel)).Split('\n').Where(line => line.StartsWith("istio_tcp_connections_closed_total", StringComparison.Ordinal)).ToList();
            return lines.Any(line => line.Contains("up.default.svc", StringComparison.Ordinal) && line.Contains("response_flags=\"-\"", StringComparison.Ordinal))
                && lines.Any(line => line.Contains("down.default.svc", StringComparison.Ordinal) && line.Contains("response_flags=\"UF\"", StringComparison.Ordinal));
        }, "both are counted");
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

    private static RawServer Saying(string word, bool stay = false) => new(async (socket, cancellation) =>
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(word), cancellation);
        if (stay) await socket.ReceiveAsync(new byte[1], cancellation);
    });

    private static async Task<string> ReadFromAsync(TestSidecar sidecar, string address)
    {
        sidecar.Destination = new IPEndPoint(IPAddress.Parse(address), 6379);
        using var client = await sidecar.ConnectOutboundAsync();
        return await ReadAsync(client, 1);
    }

    private static Task<string> TlsReadFromAsync(TestSidecar sidecar, string address, string serverName)
    {
        sidecar.Destination = new IPEndPoint(IPAddress.Parse(address), 443);
        return TlsReadAsync(sidecar, serverName);
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
