using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Sidecar.Tests.MutualTls;

/// <summary>
/// Peers that do as Istio's Envoy does under a root that both meshes trust: certificates of an intermediate of its own, its names in
/// ALPN, its server name.
/// </summary>
public sealed class IstioPeerTests : IAsyncDisposable
{
    private readonly TestAuthority root = new();
    private readonly TestAuthority istio;

    public IstioPeerTests() => istio = root.Intermediate();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private X509Certificate2Collection Between => [X509CertificateLoader.LoadCertificate(istio.Root.RawData)];

    public ValueTask DisposeAsync()
    {
        istio.Dispose();
        root.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(MutualTlsMode.Strict, SslProtocols.Tls13)]
    [InlineData(MutualTlsMode.Strict, SslProtocols.Tls12)]
    [InlineData(MutualTlsMode.Permissive, SslProtocols.Tls13)]
    [InlineData(MutualTlsMode.Permissive, SslProtocols.Tls12)]
    public async Task Bytes_of_a_client_of_Istio_come_in_on_declared_and_undeclared_ports(MutualTlsMode mode, SslProtocols version)
    {
        await using var echo = Echo();
        foreach (var protocol in new[] { AppProtocol.Tcp, AppProtocol.Auto })
        {
            await using var sidecar = await StartAsync(echo.Port, protocol, mode);
            using var certificate = istio.Issue(TestIdentities.Id("client"));

            await using var client = await MeshClient.ConnectAsync(sidecar, certificate, "istio-peer-exchange,istio", version, Between);

            Assert.Equal("istio", Encoding.ASCII.GetString(client.Stream.NegotiatedApplicationProtocol.Protocol.Span));
            Assert.Equal("hello", await client.AskAsync("hello"));
        }
    }

    [Theory]
    [InlineData("1.0", "istio-http/1.0,istio,http/1.0", "istio")]
    [InlineData("1.1", "istio-http/1.1,istio,http/1.1", "istio-http/1.1")]
    [InlineData("2.0", "istio-h2,istio,h2", "istio-h2")]
    [InlineData("2.0", "istio-peer-exchange,istio,h2", "istio")]
    public async Task A_request_of_a_client_of_Istio_comes_in_and_the_application_is_told_who_calls(string version, string offered, string chosen)
    {
        var http = Version.Parse(version);
        await using var app = await TestApp.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Headers["x-forwarded-client-cert"]}"), http.Major == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var sidecar = await StartAsync(app.Port, http.Major == 2 ? AppProtocol.Http2 : AppProtocol.Http, MutualTlsMode.Strict);
        using var certificate = istio.Issue(TestIdentities.Id("client"));
        var names = new List<string>();
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, _) =>
            {
                var client = await MeshClient.ConnectAsync(sidecar, certificate, offered, SslProtocols.None, Between);
                names.Add(Encoding.ASCII.GetString(client.Stream.NegotiatedApplicationProtocol.Protocol.Span));
                return client.Stream;
            },
        };
        using var caller = new HttpClient(handler);

        using var request = new HttpRequestMessage(HttpMethod.Get, "http://server:9080/") { Version = http, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await caller.SendAsync(request, Cancel);

        Assert.Equal([chosen], names);
        Assert.Contains($"URI={TestIdentities.Id("client")}", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_Istio_under_another_root_is_refused_whatever_it_offers()
    {
        await using var echo = Echo();
        await using var sidecar = await StartAsync(echo.Port, AppProtocol.Tcp, MutualTlsMode.Permissive);
        using var apart = new TestAuthority();
        using var certificate = apart.Issue(TestIdentities.Id("client"));

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var client = await MeshClient.ConnectAsync(sidecar, certificate, "istio-peer-exchange,istio");
            if ((await client.AskAsync("hello")).Length == 0) throw new IOException("closed");
        });
        Assert.Equal(0, echo.Accepted);
    }

    [Theory]
    [InlineData(AppProtocol.Http, SslProtocols.Tls13, "istio-http/1.1")]
    [InlineData(AppProtocol.Http, SslProtocols.Tls12, "istio-http/1.1")]
    [InlineData(AppProtocol.Tcp, SslProtocols.Tls13, "istio")]
    public async Task A_server_of_Istio_that_chooses_none_of_our_names_is_spoken_to(AppProtocol protocol, SslProtocols version, string offered)
    {
        var server = await MeshedPair.StartAsync(1, protocol); // for its root
        await using var own = server;
        using var between = server.Authority.Intermediate();
        using var certificate = between.Issue(TestIdentities.Id("server"));
        var context = SslStreamCertificateContext.Create(certificate, [X509CertificateLoader.LoadCertificate(between.Root.RawData)], offline: true);
        string? name = null, caller = null;
        await using var envoy = new RawServer(async (socket, cancellation) =>
        {
            // Envoy's inbound context offers h2 and http/1.1; where nothing fits, TLS goes on without a name.
            await using var stream = new SslStream(new NetworkStream(socket), false, (_, shown, _, _) => (caller = shown?.GetCertHashString()) is not null);
            await stream.AuthenticateAsServerAsync((_, hello, _, _) =>
            {
                name = hello.ServerName;
                return ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = context, ClientCertificateRequired = true, EnabledSslProtocols = version });
            }, null, cancellation);
            var buffer = new byte[4096];
            var count = await stream.ReadAsync(buffer, cancellation);
            Assert.StartsWith("GET /", Encoding.ASCII.GetString(buffer, 0, count), StringComparison.Ordinal);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"u8.ToArray(), cancellation);
            await stream.ShutdownAsync();
        });
        await using var wire = new Relay(envoy.Port);
        server.Client.Apply(MeshedPair.ClientConfig(protocol, true, wire.Port) with { Revision = 2 });
        using var client = server.HttpClient();

        Assert.Equal("ok", await client.GetStringAsync("/", Cancel));
        Assert.Equal("outbound_.9080_._.server.default.svc.cluster.local", name);
        Assert.Equal(server.Client.Sidecar.Identity.Current!.Certificate.GetCertHashString(), caller);
        Assert.True(wire.Saw(Encoding.ASCII.GetBytes(offered)));
    }

    private async Task<TestSidecar> StartAsync(int port, AppProtocol protocol, MutualTlsMode mode)
    {
        var sidecar = await TestSidecar.StartAsync(MeshedPair.ServerConfig(port, protocol, mode), logged: true);
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, port);
        sidecar.Sidecar.Identity.Put(root, "server");
        return sidecar;
    }

    private static RawServer Echo() => new(async (socket, cancellation) =>
    {
        var buffer = new byte[1024];
        for (int count; (count = await socket.ReceiveAsync(buffer, cancellation)) > 0;) await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
    });
}
