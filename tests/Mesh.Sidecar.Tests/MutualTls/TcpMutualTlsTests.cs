using System.Net.Sockets;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.MutualTls;

public sealed class TcpMutualTlsTests : OpaqueBytesTests
{
    [Fact]
    public async Task A_server_that_speaks_first_is_heard_without_a_wait()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            await socket.SendAsync("220 ready\r\n"u8.ToArray(), cancellation);
            await socket.ReceiveAsync(new byte[16], cancellation);
        });
        await using var pair = await MeshedPair.StartAsync(server.Port, AppProtocol.Tcp);
        // Detection would wait for an hour on either side: that the greeting comes at all shows that nobody waits.
        var patient = new MeshSettings { ProtocolDetectionTimeout = TimeSpan.FromHours(1), AccessLogFile = pair.Server.LogPath };
        pair.Client.Apply(MeshedPair.ClientConfig(AppProtocol.Tcp, true, pair.Server.Sidecar.InboundPort) with { Mesh = patient, Revision = 2 });
        pair.Server.Apply(MeshedPair.ServerConfig(server.Port, AppProtocol.Tcp, MutualTlsMode.Permissive) with { Mesh = patient, Revision = 2 });
        using var client = await pair.Client.ConnectOutboundAsync();

        Assert.Equal("220 ready\r\n", await ReadAsync(client, 11));
    }

    [Fact]
    public async Task An_applications_own_TLS_is_carried_within_it()
    {
        using var certificate = TestCertificate.For("server");
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            await using var tls = new System.Net.Security.SslStream(new NetworkStream(socket, ownsSocket: false));
            await tls.AuthenticateAsServerAsync(new System.Net.Security.SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellation);
            await tls.WriteAsync("inner"u8.ToArray(), cancellation);
            await tls.ShutdownAsync();
        });
        await using var pair = await MeshedPair.StartAsync(server.Port, AppProtocol.Tls);
        using var client = await pair.Client.ConnectOutboundAsync();
        await using var own = new System.Net.Security.SslStream(client.GetStream());
        await own.AuthenticateAsClientAsync(
            new System.Net.Security.SslClientAuthenticationOptions { TargetHost = "server", RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString() }, Cancel);
        using var reader = new StreamReader(own);

        Assert.Equal("inner", await reader.ReadToEndAsync(Cancel));
    }

    [Fact]
    public async Task A_connection_each_request_leaves_nothing_behind()
    {
        await using var server = new RawServer(async (socket, cancellation) =>
        {
            var buffer = new byte[64];
            var count = await socket.ReceiveAsync(buffer, cancellation);
            await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
        });
        await using var pair = await MeshedPair.StartAsync(server.Port, AppProtocol.Tcp);
        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel }, async (i, _) =>
        {
            using var client = await pair.Client.ConnectOutboundAsync();
            await client.Client.SendAsync(Encoding.ASCII.GetBytes($"{i:0000}"), Cancel);
            Assert.Equal($"{i:0000}", await ReadAsync(client, 4));
            Assert.Equal(0, await client.Client.ReceiveAsync(new byte[1], Cancel));
        });

        await Eventually.True(() => pair.Client.Sidecar.Drain.Open == 0 && pair.Server.Sidecar.Drain.Open == 0, "every connection has ended");
        Assert.All(pair.Client.Sidecar.State.Current!.Clusters.SelectMany(cluster => cluster.Pool.Members), member => Assert.Equal(0, member.State.Connections));
    }

    private protected override async Task<OpaqueWay> CarryAsync(int port)
    {
        var pair = await MeshedPair.StartAsync(port, AppProtocol.Tcp);
        return new OpaqueWay(pair.Client, pair);
    }
}
