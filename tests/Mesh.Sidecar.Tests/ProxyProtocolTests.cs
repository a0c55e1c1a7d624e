using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests;

/// <summary>Connections whose first bytes tell whom they are for.</summary>
public sealed class ProxyProtocolTests
{
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private readonly ConcurrentQueue<string> headers = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ProxyProtocolVersion.V1)]
    [InlineData(ProxyProtocolVersion.V2)]
    public async Task Requests_of_one_connection_share_one_and_those_of_others_do_not(ProxyProtocolVersion version)
    {
        await using var server = Server(version);
        await using var sidecar = await TestSidecar.StartAsync(Config(AppProtocol.Http, version, server.Port));
        using var one = await sidecar.ConnectOutboundAsync();
        using var two = await sidecar.ConnectOutboundAsync();

        foreach (var client in new[] { one, two, one, two }) await RequestAsync(client);

        Assert.Equal(new[] { Expected(one), Expected(two) }.Order(), headers.Order());
    }

    [Theory]
    [InlineData(ProxyProtocolVersion.V1)]
    [InlineData(ProxyProtocolVersion.V2)]
    public async Task Opaque_connections_begin_with_it(ProxyProtocolVersion version)
    {
        await using var server = Server(version);
        await using var sidecar = await TestSidecar.StartAsync(Config(AppProtocol.Tcp, version, server.Port));
        using var client = await sidecar.ConnectOutboundAsync();

        await RequestAsync(client);

        Assert.Equal([Expected(client)], headers);
    }

    [Fact]
    public async Task It_comes_before_TLS_and_server_names_are_kept_apart()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("a.example.com");
        var names = new ConcurrentQueue<string>();
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            headers.Enqueue(await HeaderAsync(socket, ProxyProtocolVersion.V1, cancellation));
            await using var stream = new SslStream(new NetworkStream(socket));
            await stream.AuthenticateAsServerAsync(certificate);
            names.Enqueue(stream.TargetHostName);
            while (await stream.ReadAsync(new byte[4096], cancellation) > 0) await stream.WriteAsync(Encoding.ASCII.GetBytes(Answer), cancellation);
        });
        var config = Config(AppProtocol.Http, ProxyProtocolVersion.V1, server.Port);
        await using var sidecar = await TestSidecar.StartAsync(config with
        {
            Routes = [.. config.Routes.Select(table => table with { VirtualHosts = [.. table.VirtualHosts.Select(host => host with { Domains = ["*"] })] })],
            Clusters = [.. config.Clusters.Select(cluster => cluster with { Tls = new TlsOrigination { SkipVerification = true }, MutualTls = ClientMutualTls.Never })],
        });
        using var client = await sidecar.ConnectOutboundAsync();

        foreach (var host in new[] { "a.example.com", "b.example.com", "a.example.com" }) await RequestAsync(client, host);

        Assert.Equal([Expected(client), Expected(client)], headers);
        Assert.Equal(["a.example.com", "b.example.com"], names);
    }

    [Theory]
    [InlineData(ProxyProtocolVersion.V1, "PROXY UNKNOWN")]
    [InlineData(ProxyProtocolVersion.V2, "LOCAL")]
    public async Task A_health_check_speaks_for_nobody(ProxyProtocolVersion version, string expected)
    {
        await using var server = Server(version);
        var config = Config(AppProtocol.Http, version, server.Port);
        var check = new HealthCheck { Probe = HealthProbe.Http, Interval = TimeSpan.FromMinutes(1), Timeout = TimeSpan.FromSeconds(5), InitiallyHealthy = false };
        await using var sidecar = await TestSidecar.StartAsync(config with { Clusters = [.. config.Clusters.Select(cluster => cluster with { HealthCheck = check })] });

        await Eventually.True(() => headers.Contains(expected), "the check to be made");
    }

    [Theory]
    [InlineData("192.0.2.1", "198.51.100.2", "PROXY TCP4 192.0.2.1 198.51.100.2 1234 80\r\n")]
    [InlineData("2001:db8::1", "2001:db8::2", "PROXY TCP6 2001:db8::1 2001:db8::2 1234 80\r\n")]
    [InlineData("192.0.2.1", "2001:db8::2", "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::2 1234 80\r\n")]
    public void Addresses_are_written_in_one_family(string source, string destination, string expected)
    {
        var (from, to) = (new IPEndPoint(IPAddress.Parse(source), 1234), new IPEndPoint(IPAddress.Parse(destination), 80));

        Assert.Equal(expected, Encoding.ASCII.GetString(ProxyHeader.For(ProxyProtocolVersion.V1, from, to)!.Bytes));
        var binary = ProxyHeader.For(ProxyProtocolVersion.V2, from, to)!;
        Assert.Equal(binary.Bytes.Length - 16, BinaryPrimitives.ReadUInt16BigEndian(binary.Bytes.AsSpan(14)));
        Assert.Equal(UriHostNameType.Dns, Uri.CheckHostName(binary.Name));
        Assert.Null(ProxyHeader.For(null, from, to));
    }

    private RawServer Server(ProxyProtocolVersion version) => new(async (socket, cancellation) =>
    {
        headers.Enqueue(await HeaderAsync(socket, version, cancellation));
        while (await RawServer.ReadHeadAsync(socket, cancellation) is { Length: > 0 } head && head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            await socket.SendAsync(Encoding.ASCII.GetBytes(Answer), cancellation);
    });

    private static async Task RequestAsync(TcpClient client, string host = "reviews")
    {
        await client.Client.SendAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"), Cancel);
        Assert.StartsWith("HTTP/1.1 200", await RawServer.ReadHeadAsync(client.Client, Cancel), StringComparison.Ordinal);
        await client.GetStream().ReadExactlyAsync(new byte[2], Cancel);
    }

    private static string Expected(TcpClient client) => $"PROXY TCP4 127.0.0.1 10.96.0.1 {((IPEndPoint)client.Client.LocalEndPoint!).Port} 9080";

    // Either form in the words of the first.
    private static async Task<string> HeaderAsync(Socket socket, ProxyProtocolVersion version, CancellationToken cancellation)
    {
        await using var stream = new NetworkStream(socket);
        if (version == ProxyProtocolVersion.V1)
        {
            var line = new StringBuilder();
            var one = new byte[1];
            while (!line.ToString().EndsWith("\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, cancellation) > 0) line.Append((char)one[0]);
            return line.ToString().TrimEnd();
        }

        var fixedPart = new byte[16];
        await stream.ReadExactlyAsync(fixedPart, cancellation);
        Assert.Equal("\r\n\r\n\0\r\nQUIT\n"u8.ToArray(), fixedPart[..12]);
        var rest = new byte[BinaryPrimitives.ReadUInt16BigEndian(fixedPart.AsSpan(14))];
        await stream.ReadExactlyAsync(rest, cancellation);
        if (fixedPart[12] == 0x20) return "LOCAL";
        Assert.Equal((0x21, 0x11), (fixedPart[12], fixedPart[13]));
        return $"PROXY TCP4 {new IPAddress(rest[..4])} {new IPAddress(rest[4..8])} {BinaryPrimitives.ReadUInt16BigEndian(rest.AsSpan(8))} {BinaryPrimitives.ReadUInt16BigEndian(rest.AsSpan(10))}";
    }

    private static SidecarConfig Config(AppProtocol protocol, ProxyProtocolVersion version, int port)
    {
        var config = new SidecarConfig().WithService("reviews", 9080, protocol, port);
        return config with { Clusters = [.. config.Clusters.Select(cluster => cluster with { ProxyProtocol = version })] };
    }
}
