using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.MutualTls;

/// <summary>The inbound port as another implementation of TLS sees it, and as somebody who tries it from a shell does.</summary>
public sealed class OpenSslTests : IAsyncDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("mesh-openssl-");
    private readonly TestAuthority authority = new();
    private readonly RawServer echo = new(async (socket, cancellation) =>
    {
        var buffer = new byte[1024];
        for (int count; (count = await socket.ReceiveAsync(buffer, cancellation)) > 0;) await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
    });

    public async ValueTask DisposeAsync()
    {
        await echo.DisposeAsync();
        authority.Dispose();
        directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("-tls1_3")]
    [InlineData("-tls1_2")]
    public async Task A_client_with_a_certificate_of_the_mesh_is_heard_and_resumes_its_session(string version)
    {
        await using var sidecar = await StartAsync();
        Write(authority);
        var session = Path.Combine(directory.FullName, "session.pem");

        var first = await AskAsync(sidecar, $"-cert cert.pem -key key.pem {version} -sess_out {session}");
        Assert.Contains("hello", first, StringComparison.Ordinal);
        Assert.Contains("ALPN protocol: istio", first, StringComparison.Ordinal);
        Assert.Contains("New, TLSv1", first, StringComparison.Ordinal);

        var second = await AskAsync(sidecar, $"-cert cert.pem -key key.pem {version} -sess_in {session}");
        Assert.Contains("hello", second, StringComparison.Ordinal);
        Assert.Contains("Reused, TLSv1", second, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("-cert cert.pem -key key.pem", true)]
    public async Task A_client_without_a_certificate_or_with_a_foreign_one_is_not_heard(string shown, bool foreign)
    {
        await using var sidecar = await StartAsync();
        using var other = new TestAuthority();
        Write(foreign ? other : authority);

        Assert.DoesNotContain("hello", await AskAsync(sidecar, shown), StringComparison.Ordinal);
        Assert.Equal(0, echo.Accepted);
    }

    private async Task<TestSidecar> StartAsync()
    {
        Needs.Program("openssl", "openssl");
        var sidecar = await TestSidecar.StartAsync(MeshedPair.ServerConfig(echo.Port, AppProtocol.Tcp, MutualTlsMode.Strict));
        sidecar.Destination = new IPEndPoint(IPAddress.Loopback, echo.Port);
        sidecar.Sidecar.Identity.Put(authority, "server");
        return sidecar;
    }

    private void Write(TestAuthority issuer)
    {
        using var certificate = issuer.Issue(TestIdentities.Id("client"));
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(Path.Combine(directory.FullName, "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory.FullName, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    // The end of its input ends the program, so that is kept open until the answer is here or the connection is gone.
    private async Task<string> AskAsync(TestSidecar sidecar, string options)
    {
        using var process = Command.Start(
            "sh",
            ["-c", $"cd {directory.FullName}; exec openssl s_client -connect 127.0.0.1:{sidecar.Sidecar.InboundPort} -alpn istio -servername outbound_.80_._.server {options} 2>&1"],
            redirectInput: true);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        await process.StandardInput.WriteLineAsync("hello");
        await process.StandardInput.FlushAsync(limit.Token);
        var said = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            said.AppendLine(line);
            if (line.EndsWith("hello", StringComparison.Ordinal)) process.StandardInput.Close(); // it may follow a remark of the program on the same line
        }

        await process.WaitForExitAsync(limit.Token);
        return said.ToString();
    }
}
