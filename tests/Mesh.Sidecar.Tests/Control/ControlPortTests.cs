using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Control;

/// <summary>15012 is mutual TLS with the operator, or nothing.</summary>
public sealed class ControlPortTests : IAsyncLifetime
{
    private readonly TestAuthority authority = new();
    private readonly TestAuthority foreign = new();
    private readonly ControlledSidecar sidecar;

    public ControlPortTests() => sidecar = new ControlledSidecar(authority);

    public async ValueTask InitializeAsync()
    {
        await sidecar.StartAsync();
        await sidecar.IssueAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await sidecar.DisposeAsync();
        authority.Dispose();
        foreign.Dispose();
    }

    [Fact]
    public async Task Who_shows_no_certificate_is_refused() => await RefusedAsync(WellKnown.SessionName, null);

    [Fact]
    public async Task A_certificate_of_another_root_is_refused() => await RefusedAsync(WellKnown.SessionName, foreign.Issue(TestAuthority.Operator));

    [Fact]
    public async Task A_workloads_certificate_is_not_the_operators() => await RefusedAsync(WellKnown.SessionName, authority.Issue(TestIdentities.Id("mesh-operator")));

    [Fact]
    public async Task The_sidecars_own_certificate_stolen_is_not_the_operators() => await RefusedAsync(WellKnown.SessionName, sidecar.Sidecar.Identity.Current!.Certificate);

    [Fact]
    public async Task A_certificate_that_ended_is_refused() =>
        await RefusedAsync(WellKnown.SessionName, authority.Issue(TestAuthority.Operator, DateTimeOffset.UtcNow.AddHours(-2), DateTimeOffset.UtcNow.AddHours(-1)));

    [Fact]
    public async Task A_name_that_is_neither_of_both_is_refused() => await RefusedAsync("web.default", authority.Issue(TestAuthority.Operator));

    [Fact]
    public async Task Issuing_that_nobody_wants_is_refused() => await RefusedAsync(WellKnown.IssueName, authority.Issue(TestAuthority.Operator));

    [Fact]
    public async Task A_path_that_the_handshake_did_not_name_is_not_served()
    {
        var failure = await Assert.ThrowsAsync<HttpRequestException>(
            () => TestOperator.DialAsync(sidecar.Sidecar.ControlPort, WellKnown.SessionName, WellKnown.IssuePath, authority.Issue(TestAuthority.Operator)));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, failure.StatusCode);
    }

    [Fact]
    public async Task Clear_text_is_not_answered()
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", sidecar.Sidecar.ControlPort);
        await client.GetStream().WriteAsync("GET /v1/session HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());

        var answer = new byte[100];
        var count = await EndOf(client.GetStream(), answer);

        Assert.DoesNotContain("HTTP", System.Text.Encoding.ASCII.GetString(answer, 0, count), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HTTP_1_is_not_spoken()
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", sidecar.Sidecar.ControlPort);
        await using var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = WellKnown.SessionName,
                ClientCertificateContext = SslStreamCertificateContext.Create(authority.Issue(TestAuthority.Operator), [], offline: true),
            });
            await tls.WriteAsync("GET /v1/session HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
            Assert.NotEqual(0, await tls.ReadAsync(new byte[100]));
        });
    }

    [Fact]
    public async Task Roots_that_came_later_let_their_operator_in()
    {
        authority.WriteTrust(sidecar.Options.TrustDirectory, "", foreign);
        await Eventually.True(() => sidecar.Report.Identity!.TrustedRoots.Length == 2, "two roots are trusted");

        await using var session = await sidecar.DialAsync(WellKnown.SessionName, foreign.Issue(TestAuthority.Operator));
        await session.GreetAsync();
        await session.ReportAsync(report => report.Session is { Connected: true });
    }

    private async Task RefusedAsync(string name, X509Certificate2? certificate)
    {
        var path = name == WellKnown.IssueName ? WellKnown.IssuePath : WellKnown.SessionPath;
        await Assert.ThrowsAsync<HttpRequestException>(() => TestOperator.DialAsync(sidecar.Sidecar.ControlPort, name, path, certificate));
        Assert.False(sidecar.Report.Session is { Connected: true });
    }

    private static async Task<int> EndOf(NetworkStream stream, byte[] into)
    {
        var total = 0;
        try
        {
            for (int count; (count = await stream.ReadAsync(into.AsMemory(total)).AsTask().WaitAsync(Eventually.Patience)) > 0;) total += count;
        }
        catch (IOException)
        {
            // Cut: as good an end.
        }

        return total;
    }
}
