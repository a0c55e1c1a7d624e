using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests;

/// <summary>TLS to destinations outside the mesh, spoken by the proxy for an application that speaks in clear text.</summary>
public sealed class TlsOriginationTests : IDisposable
{
    private const string Name = "api.example.com";

    private readonly TestAuthority authority = new();
    private readonly DirectoryInfo files = Directory.CreateTempSubdirectory("mesh-tls-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Roots => File("roots.pem", authority.Root.ExportCertificatePem());

    public void Dispose()
    {
        authority.Dispose();
        files.Delete(recursive: true);
    }

    [Fact]
    public async Task A_request_in_clear_text_goes_on_in_TLS_with_the_name_told()
    {
        await using var server = new TlsServer(authority.Issue(Name));
        await using var sidecar = await TestSidecar.StartAsync(Config(new TlsOrigination { Sni = Name, RootsFile = Roots }, server.Port));
        using var client = sidecar.Client();

        Assert.Equal("secret", await client.GetStringAsync("http://reviews/", Cancel));
        Assert.Equal(Name, server.LastName);
        Assert.Null(server.LastClient);
    }

    [Theory]
    [InlineData("other.example.com", "the server's certificate is for api.example.com, expected other.example.com")]
    [InlineData("", "the server's certificate is for api.example.com, expected reviews")]
    public async Task A_server_of_another_name_is_refused_and_the_answer_says_why(string sni, string why)
    {
        await using var server = new TlsServer(authority.Issue(Name));
        await using var sidecar = await TestSidecar.StartAsync(Config(new TlsOrigination { Sni = sni, RootsFile = Roots }, server.Port), logged: true);
        using var client = sidecar.Client();

        using var response = await client.GetAsync("http://reviews/", Cancel);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Contains(why, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        var line = (await sidecar.LogLinesAsync(1))[0];
        Assert.Contains("\" 503 UF ", line, StringComparison.Ordinal);
        Assert.Contains($"\"TLS: {why}", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("api.example.com", 200)]
    [InlineData("API.example.com", 200)]
    [InlineData("other.example.com", 503)]
    public async Task Names_may_be_told_that_the_server_must_have(string expected, int status)
    {
        await using var server = new TlsServer(authority.Issue(Name));
        Assert.Equal(status, await StatusAsync(new TlsOrigination { Sni = "front.example.com", SubjectAltNames = ["x.example.com", expected], RootsFile = Roots }, server.Port));
    }

    [Theory]
    [InlineData("spiffe://cluster.local/ns/a/sa/b", 200)]
    [InlineData("spiffe://cluster.local/ns/a/sa/c", 503)]
    public async Task A_name_may_be_an_id(string expected, int status)
    {
        await using var server = new TlsServer(authority.Issue("spiffe://cluster.local/ns/a/sa/b"));
        Assert.Equal(status, await StatusAsync(new TlsOrigination { Sni = Name, SubjectAltNames = [expected], RootsFile = Roots }, server.Port));
    }

    [Fact]
    public async Task A_server_that_no_root_vouches_for_is_refused()
    {
        using var stranger = new TestAuthority("stranger");
        await using var server = new TlsServer(stranger.Issue(Name));
        Assert.Equal(503, await StatusAsync(new TlsOrigination { Sni = Name, RootsFile = Roots }, server.Port));
        Assert.Equal(503, await StatusAsync(new TlsOrigination { Sni = Name }, server.Port)); // the system's roots do not know it either
        Assert.Equal(200, await StatusAsync(new TlsOrigination { Sni = Name, RootsFile = Roots, SkipVerification = true }, server.Port));
    }

    [Fact]
    public async Task A_certificate_is_shown_to_a_server_that_asks_for_one()
    {
        using var own = authority.Issue("spiffe://client");
        await using var server = new TlsServer(authority.Issue(Name)) { AsksForCertificate = true };
        var tls = new TlsOrigination
        {
            Sni = Name, RootsFile = Roots, CertificateFile = File("cert.pem", own.ExportCertificatePem()), KeyFile = File("key.pem", own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
        };

        Assert.Equal(200, await StatusAsync(tls, server.Port));
        Assert.Equal(own.Thumbprint, server.LastClient);
    }

    [Fact]
    public async Task Changed_files_hold_for_the_next_connection()
    {
        using var next = new TestAuthority("next");
        await using var server = new TlsServer(next.Issue(Name));
        var config = Config(new TlsOrigination { Sni = Name, RootsFile = Roots }, server.Port);
        await using var sidecar = await TestSidecar.StartAsync(config);
        using var client = sidecar.Client();
        Assert.Equal(503, (int)(await client.GetAsync("http://reviews/", Cancel)).StatusCode);

        File("roots.pem", next.Root.ExportCertificatePem());
        Assert.Equal(200, (int)(await client.GetAsync("http://reviews/", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        await using var server = new TlsServer(authority.Issue(Name));
        var missing = Path.Combine(files.FullName, "missing.pem");
        await using var sidecar = await TestSidecar.StartAsync(Config(new TlsOrigination { Sni = Name, RootsFile = missing }, server.Port));
        using var client = sidecar.Client();

        Assert.Contains(missing, await (await client.GetAsync("http://reviews/", Cancel)).Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_that_was_not_handed_over_is_named()
    {
        await using var server = new TlsServer(authority.Issue(Name));
        await using var sidecar = await TestSidecar.StartAsync(Config(new TlsOrigination { Sni = Name, Credential = new CredentialRef("partner", "") }, server.Port));
        using var client = sidecar.Client();

        Assert.Contains("the credential 'partner' was not handed over", await (await client.GetAsync("http://reviews/", Cancel)).Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_server_is_refused()
    {
        var certificate = authority.Issue(Name);
        await using var server = new TlsServer(certificate);
        var list = new CertificateRevocationListBuilder();
        var empty = File("empty.crl", Pem(list));
        list.AddEntry(certificate.SerialNumberBytes.Span);
        var revoked = File("revoked.crl", Pem(list));

        Assert.Equal(200, await StatusAsync(new TlsOrigination { Sni = Name, RootsFile = Roots, RevocationsFile = empty }, server.Port));
        Assert.Equal(503, await StatusAsync(new TlsOrigination { Sni = Name, RootsFile = Roots, RevocationsFile = revoked }, server.Port));

        string Pem(CertificateRevocationListBuilder builder) => new(PemEncoding.Write(
            "X509 CRL",
            builder.Build(authority.Root.SubjectName, X509SignatureGenerator.CreateForECDsa(authority.Root.GetECDsaPrivateKey()!), 1, DateTimeOffset.UtcNow.AddDays(1), HashAlgorithmName.SHA256,
                X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority.Root, includeKeyIdentifier: true, includeIssuerAndSerial: false))));
    }

    [Fact]
    public async Task Opaque_bytes_go_in_TLS_too()
    {
        await using var server = new TlsServer(authority.Issue(Name));
        await using var sidecar = await TestSidecar.StartAsync(Config(new TlsOrigination { Sni = Name, RootsFile = Roots }, server.Port, AppProtocol.Tcp));
        using var connection = await sidecar.ConnectOutboundAsync();
        await connection.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), Cancel);
        var buffer = new byte[8];
        await connection.GetStream().ReadExactlyAsync(buffer, Cancel);

        Assert.Equal("HTTP/1.1", System.Text.Encoding.ASCII.GetString(buffer));
        Assert.Equal(Name, server.LastName);
    }

    [Fact]
    public async Task Without_a_name_told_the_requests_host_is_asked_for()
    {
        await using var server = new TlsServer(authority.Issue("reviews"));
        await using var sidecar = await TestSidecar.StartAsync(Config(new TlsOrigination { RootsFile = Roots }, server.Port));
        using var client = sidecar.Client();

        Assert.Equal("secret", await client.GetStringAsync("http://reviews/", Cancel));
        Assert.Equal("reviews", server.LastName);
        Assert.Equal(503, (int)(await client.GetAsync("http://reviews.default/", Cancel)).StatusCode);
        Assert.Equal("reviews.default", server.LastName);
    }

    private static async Task<int> StatusAsync(TlsOrigination tls, int port)
    {
        await using var sidecar = await TestSidecar.StartAsync(Config(tls, port));
        using var client = sidecar.Client();
        return (int)(await client.GetAsync("http://reviews/", Cancel)).StatusCode;
    }

    private static SidecarConfig Config(TlsOrigination tls, int port, AppProtocol protocol = AppProtocol.Http)
    {
        var config = new SidecarConfig().WithService("reviews", 9080, protocol, port);
        return config with { Clusters = [.. config.Clusters.Select(cluster => cluster with { Tls = tls, MutualTls = ClientMutualTls.Never })] };
    }

    private string File(string name, string content)
    {
        var path = Path.Combine(files.FullName, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }
}
