using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Identity;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Sidecar.Tests.MutualTls;

/// <summary>What the inbound port takes from whom; <see cref="InboundMatrixTests"/> has Istio's own table.</summary>
public sealed class InboundMutualTlsTests : IAsyncDisposable
{
    private readonly TestAuthority authority = new();
    private readonly RawServer echo = new(async (socket, cancellation) =>
    {
        var buffer = new byte[1024];
        for (int count; (count = await socket.ReceiveAsync(buffer, cancellation)) > 0;) await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
    });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await echo.DisposeAsync();
        authority.Dispose();
    }

    [Fact]
    public async Task A_certificate_of_the_mesh_is_let_in()
    {
        await using var sidecar = await StartAsync(AppProtocol.Tcp, MutualTlsMode.Strict);
        using var certificate = authority.Issue(TestIdentities.Id("client"));
        await using var client = await MeshClient.ConnectAsync(sidecar, certificate);

        Assert.Equal("hello", await client.AskAsync("hello"));
        Assert.Equal(SslProtocols.Tls13, client.Stream.SslProtocol);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "none", "TLS:_no_certificate_was_shown" },
        { "another root", "TLS:_" },
        { "expired", "TLS:_" },
        { "not yet", "TLS:_" },
        { "self-signed", "TLS:_" },
        { "another trust domain", "TLS:_the_client_is_spiffe://elsewhere.local/ns/default/sa/client,_of_another_trust_domain_than_cluster.local" },
        { "no identity", "TLS:_it_carries_no_SPIFFE_id" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_client_that_proves_no_identity_of_the_mesh_is_refused_and_the_log_says_why(string shown, string why)
    {
        foreach (var mode in new[] { MutualTlsMode.Strict, MutualTlsMode.Permissive })
        {
            await using var sidecar = await StartAsync(AppProtocol.Tcp, mode);
            using var foreign = new TestAuthority();
            using var certificate = shown switch
            {
                "none" => null,
                "another root" => foreign.Issue(TestIdentities.Id("client")),
                "expired" => authority.Issue(TestIdentities.Id("client"), DateTimeOffset.UtcNow.AddHours(-2), DateTimeOffset.UtcNow.AddHours(-1)),
                "not yet" => authority.Issue(TestIdentities.Id("client"), DateTimeOffset.UtcNow.AddHours(1), DateTimeOffset.UtcNow.AddHours(2)),
                "self-signed" => TestCertificate.For("client"),
                "another trust domain" => authority.Issue(TestIdentities.Id("client", trustDomain: "elsewhere.local")),
                _ => authority.Issue("spiffe://cluster.local/somebody"),
            };

            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await using var client = await MeshClient.ConnectAsync(sidecar, certificate);
                // With TLS 1.3 a client learns of its refusal with its first read.
                if (await client.AskAsync("hello") == "hello") throw new InvalidOperationException("it was let in");
                throw new IOException("closed");
            });

            Assert.Equal(0, echo.Accepted);
            var line = (await sidecar.LogLinesAsync(1))[0];
            Assert.Contains(" downstream_transport_failure ", line, StringComparison.Ordinal);
            Assert.Contains(why, line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_a_certificate_of_its_own_no_handshake_is_begun()
    {
        using var pair = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await pair.ConnectAsync(IPAddress.Loopback, echo.Port, Cancel);

        var refusal = await Assert.ThrowsAsync<TlsRefusedException>(async () =>
            await new MutualTlsServer(new IdentityState(), TimeProvider.System).AuthenticateAsync(pair, TlsVersion.Tls12, Cancel));
        Assert.Equal("this sidecar has no certificate yet", refusal.Reason);
    }

    [Theory]
    [InlineData(AppProtocol.Tcp)]
    [InlineData(AppProtocol.Http)]
    [InlineData(AppProtocol.Auto)]
    public async Task STRICT_resets_clear_text_before_the_application_sees_anything(AppProtocol protocol)
    {
        await using var sidecar = await StartAsync(protocol, MutualTlsMode.Strict);

        await Assert.ThrowsAsync<SocketException>(() => AskAsync(sidecar, "GET / HTTP/1.1\r\nHost: server\r\n\r\n"));
        Assert.Equal(0, echo.Accepted);
        Assert.Contains(" NR filter_chain_not_found mutual_TLS_is_STRICT_and_the_client_sent_clear_text ", (await sidecar.LogLinesAsync(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task STRICT_holds_on_ports_that_nobody_declared_and_a_port_may_differ_from_the_workload()
    {
        await using var other = new RawServer(async (socket, cancellation) =>
        {
            var buffer = new byte[64];
            var count = await socket.ReceiveAsync(buffer, cancellation);
            await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
        });
        var config = new SidecarConfig { Inbound = new InboundConfig { MutualTls = MutualTlsMode.Strict, MutualTlsByPort = [new PortMutualTls(other.Port, MutualTlsMode.Disable)] } };
        await using var sidecar = await TestSidecar.StartAsync(config);
        sidecar.Sidecar.Identity.Put(authority, "server");
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, echo.Port);
        await Assert.ThrowsAsync<SocketException>(() => AskAsync(sidecar, "hello"));
        using var certificate = authority.Issue(TestIdentities.Id("client"));
        await using (var client = await MeshClient.ConnectAsync(sidecar, certificate)) Assert.Equal("hello", await client.AskAsync("hello"));

        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, other.Port);
        Assert.Equal("hello", await AskAsync(sidecar, "hello"));
    }

    [Fact]
    public async Task PERMISSIVE_hears_a_server_that_speaks_first_on_a_port_of_bytes()
    {
        await using var greeting = new RawServer(async (socket, cancellation) =>
        {
            await socket.SendAsync("220 ready"u8.ToArray(), cancellation);
            await socket.ReceiveAsync(new byte[16], cancellation);
        });
        await using var sidecar = await TestSidecar.StartAsync(MeshedPair.ServerConfig(greeting.Port, AppProtocol.Tcp, MutualTlsMode.Permissive));
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, greeting.Port);
        using var client = await sidecar.ConnectInboundAsync();
        var buffer = new byte[9];
        await client.GetStream().ReadExactlyAsync(buffer, Cancel);

        Assert.Equal("220 ready", Encoding.ASCII.GetString(buffer));
    }

    [Fact]
    public async Task DISABLE_gives_mutual_TLS_to_the_application_as_it_came()
    {
        var heard = new TaskCompletionSource<byte>();
        await using var raw = new RawServer(async (socket, cancellation) =>
        {
            var buffer = new byte[1];
            await socket.ReceiveAsync(buffer, cancellation);
            heard.TrySetResult(buffer[0]);
        });
        await using var sidecar = await TestSidecar.StartAsync(MeshedPair.ServerConfig(raw.Port, AppProtocol.Tcp, MutualTlsMode.Disable));
        sidecar.Sidecar.Identity.Put(authority, "server");
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, raw.Port);
        using var certificate = authority.Issue(TestIdentities.Id("client"));

        await Assert.ThrowsAnyAsync<Exception>(() => MeshClient.ConnectAsync(sidecar, certificate));
        Assert.Equal(0x16, await heard.Task.WaitAsync(Eventually.Patience, Cancel));
    }

    [Fact]
    public async Task STRICT_lets_in_a_client_that_is_no_proxy_but_proves_an_identity()
    {
        await using var app = await TestApp.StartAsync(context => context.Response.WriteAsync("scraped"));
        await using var sidecar = await TestSidecar.StartAsync(MeshedPair.ServerConfig(app.Port, AppProtocol.Http, MutualTlsMode.Strict));
        sidecar.Sidecar.Identity.Put(authority, "server");
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, app.Port);
        using var certificate = authority.Issue(TestIdentities.Id("prometheus", "monitoring"));
        foreach (var alpn in new[] { "", "http/1.1", "istio" })
        {
            await using var client = await MeshClient.ConnectAsync(sidecar, certificate, alpn);
            Assert.StartsWith("HTTP/1.1 200 OK", await client.AskAsync("GET / HTTP/1.1\r\nHost: server\r\n\r\n"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_proxy_may_call_the_inner_scheme_https()
    {
        await using var app = await TestApp.StartAsync(context => context.Response.WriteAsync("ok"), HttpProtocols.Http2);
        await using var sidecar = await TestSidecar.StartAsync(MeshedPair.ServerConfig(app.Port, AppProtocol.Http2, MutualTlsMode.Strict));
        sidecar.Sidecar.Identity.Put(authority, "server");
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, app.Port);
        using var certificate = authority.Issue(TestIdentities.Id("client"));
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, _) => (await MeshClient.ConnectAsync(sidecar, certificate, WellKnown.AlpnHttp2)).Stream,
        }) { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://server/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Host = "server";

        using var answer = await http.SendAsync(request, Cancel);

        Assert.Equal("ok", await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task A_minimum_of_TLS_1_3_refuses_1_2_which_is_taken_without_it()
    {
        using var certificate = authority.Issue(TestIdentities.Id("client"));
        await using var sidecar = await StartAsync(AppProtocol.Tcp, MutualTlsMode.Strict);
        await using (var client = await MeshClient.ConnectAsync(sidecar, certificate, versions: SslProtocols.Tls12)) Assert.Equal("hello", await client.AskAsync("hello"));

        var config = MeshedPair.ServerConfig(echo.Port, AppProtocol.Tcp, MutualTlsMode.Strict);
        sidecar.Apply(config with { Revision = 2, Mesh = config.Mesh with { MinimumTlsVersion = TlsVersion.Tls13 } });
        await Assert.ThrowsAnyAsync<Exception>(() => MeshClient.ConnectAsync(sidecar, certificate, versions: SslProtocols.Tls12));
        await using var newer = await MeshClient.ConnectAsync(sidecar, certificate, versions: SslProtocols.Tls13);
        Assert.Equal("hello", await newer.AskAsync("hello"));
    }

    [Fact]
    public async Task A_new_root_is_trusted_by_the_next_handshake_and_an_old_one_no_longer()
    {
        using var next = new TestAuthority();
        await using var sidecar = await StartAsync(AppProtocol.Tcp, MutualTlsMode.Strict);
        using var old = authority.Issue(TestIdentities.Id("client"));
        using var fresh = next.Issue(TestIdentities.Id("client"));
        await using var open = await MeshClient.ConnectAsync(sidecar, old);
        Assert.Equal("a", await open.AskAsync("a"));

        sidecar.Sidecar.Identity.Put(TestIdentities.Trust(authority, next));
        await using (var client = await MeshClient.ConnectAsync(sidecar, old)) Assert.Equal("b", await client.AskAsync("b"));
        await using (var client = await MeshClient.ConnectAsync(sidecar, fresh)) Assert.Equal("c", await client.AskAsync("c"));

        sidecar.Sidecar.Identity.Put(TestIdentities.Trust(next));
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var client = await MeshClient.ConnectAsync(sidecar, old);
            if (await client.AskAsync("d") != "d") throw new IOException("closed");
        });
        Assert.Equal("e", await open.AskAsync("e")); // what was open lives on
    }

    [Fact]
    public async Task A_client_that_stops_within_its_handshake_is_let_go()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var sidecar = await TestSidecar.StartAsync(MeshedPair.ServerConfig(echo.Port, AppProtocol.Tcp, MutualTlsMode.Strict), clock);
        sidecar.Sidecar.Identity.Put(authority, "server");
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, echo.Port);
        using var client = await sidecar.ConnectInboundAsync();
        await client.Client.SendAsync(new byte[] { 0x16, 3, 1, 2, 0, 1 }, Cancel);
        var closed = client.Client.ReceiveAsync(new byte[1], Cancel).AsTask();

        await Eventually.True(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(2));
            return closed.IsCompleted;
        }, "the connection is closed");
    }

    private async Task<TestSidecar> StartAsync(AppProtocol protocol, MutualTlsMode mode)
    {
        var sidecar = await TestSidecar.StartAsync(MeshedPair.ServerConfig(echo.Port, protocol, mode), logged: true);
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, echo.Port);
        sidecar.Sidecar.Identity.Put(authority, "server");
        return sidecar;
    }

    private static async Task<string> AskAsync(TestSidecar sidecar, string text)
    {
        using var client = await sidecar.ConnectInboundAsync();
        await client.Client.SendAsync(Encoding.ASCII.GetBytes(text), Cancel);
        var buffer = new byte[1024];
        return Encoding.ASCII.GetString(buffer, 0, await client.Client.ReceiveAsync(buffer, Cancel));
    }
}
