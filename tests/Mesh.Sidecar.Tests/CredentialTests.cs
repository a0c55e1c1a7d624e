using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests;

/// <summary>Credentials that the config names and a Secret brings: shown to a server that demands a certificate, followed as a kubelet swaps them.</summary>
public sealed class CredentialTests : IDisposable
{
    private const string Name = "api.example.com";

    private readonly TestAuthority authority = new("partner");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => authority.Dispose();

    [Fact]
    public async Task The_certificate_is_shown_and_the_server_verified()
    {
        using var own = authority.Issue("client-1");
        await using var server = Server();
        await using var sidecar = await StartAsync(server, Ref(Pair(own)));
        Mount(sidecar, ("partner", Pair(own)));

        Assert.Equal("200", await AskAsync(sidecar));
        Assert.Equal(own.Thumbprint, server.LastClient);
    }

    [Fact]
    public async Task A_server_that_the_credential_does_not_vouch_for_is_refused()
    {
        using var stranger = new TestAuthority("stranger");
        await using var server = new TlsServer(stranger.Issue(Name));
        var trust = authority.Root.ExportCertificatePem();
        await using var sidecar = await StartAsync(server, new CredentialRef("partner_cacert", Hash(trust)));
        Mount(sidecar, ("partner_cacert", trust));

        Assert.Contains("the server's certificate is not trusted", await AskAsync(sidecar), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trust_alone_shows_nothing()
    {
        await using var server = new TlsServer(authority.Issue(Name)) { AsksForCertificate = true };
        var trust = authority.Root.ExportCertificatePem();
        await using var sidecar = await StartAsync(server, new CredentialRef("partner_cacert", Hash(trust)));
        Mount(sidecar, ("partner_cacert", trust));

        Assert.Equal("200", await AskAsync(sidecar));
        Assert.Null(server.LastClient);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_config_and_mount_disagree_the_last_good_one_is_kept(bool mountFirst)
    {
        using var old = authority.Issue("client-1");
        using var next = authority.Issue("client-1");
        await using var server = Server();
        await using var sidecar = await StartAsync(server, Ref(Pair(old)));
        Mount(sidecar, ("partner", Pair(old)));
        Assert.Equal(("200", old.Thumbprint), (await AskAnewAsync(sidecar, server), server.LastClient));

        if (mountFirst) Mount(sidecar, ("partner", Pair(next)));
        else sidecar.Apply(Config(server, Ref(Pair(next)), limit: 1));
        Assert.Equal(("200", old.Thumbprint), (await AskAnewAsync(sidecar, server), server.LastClient));

        if (mountFirst) sidecar.Apply(Config(server, Ref(Pair(next)), limit: 1));
        else Mount(sidecar, ("partner", Pair(next)));
        Assert.Equal(("200", next.Thumbprint), (await AskAnewAsync(sidecar, server), server.LastClient));
    }

    [Fact]
    public async Task A_rotation_ends_no_connection()
    {
        using var old = authority.Issue("client-1");
        using var next = authority.Issue("client-1");
        await using var server = Server();
        await using var sidecar = await TestSidecar.StartAsync(Config(server, Ref(Pair(old))));
        Mount(sidecar, ("partner", Pair(old)));
        Assert.Equal("200", await AskAsync(sidecar));

        Mount(sidecar, ("partner", Pair(next)));
        sidecar.Apply(Config(server, Ref(Pair(next))));
        Assert.Equal("200", await AskAsync(sidecar));
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task What_is_taken_away_is_used_no_more_and_the_answer_says_why()
    {
        using var own = authority.Issue("client-1");
        await using var server = Server();
        await using var sidecar = await TestSidecar.StartAsync(Config(server, Ref(Pair(own))));
        Mount(sidecar, ("partner", Pair(own)));
        Assert.Equal("200", await AskAsync(sidecar));

        sidecar.Apply(Config(server, new CredentialRef("partner", "") { Why = "Secret shop/partner is gone" }));
        Assert.Contains("the credential 'partner' was not handed over to this proxy: Secret shop/partner is gone", await AskAsync(sidecar), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_operator_has_not_read_again_yet_stays_in_use()
    {
        using var own = authority.Issue("client-1");
        await using var server = Server();
        await using var sidecar = await StartAsync(server, Ref(Pair(own)));
        Mount(sidecar, ("partner", Pair(own)));
        Assert.Equal("200", await AskAnewAsync(sidecar, server));

        sidecar.Apply(Config(server, new CredentialRef("partner", ""), limit: 1));
        Assert.Equal("200", await AskAnewAsync(sidecar, server));
    }

    [Fact]
    public async Task A_file_that_the_config_does_not_name_is_not_taken()
    {
        using var own = authority.Issue("client-1");
        using var foreign = authority.Issue("client-1");
        await using var server = Server();
        await using var sidecar = await StartAsync(server, Ref(Pair(own)));

        Assert.Contains("is not mounted, as the pod was made before", await AskAsync(sidecar), StringComparison.Ordinal);
        Mount(sidecar, ("partner", Pair(foreign)));
        Assert.Contains("the credential 'partner' has not arrived at", await AskAsync(sidecar), StringComparison.Ordinal);
        Mount(sidecar, ("partner", Pair(own)));
        Assert.Equal("200", await AskAsync(sidecar));
    }

    [Fact]
    public async Task A_certificate_that_ran_out_is_not_shown()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var folder = Directory.CreateTempSubdirectory("mesh-credential-").FullName;
        var read = new Mesh.Sidecar.Connections.Credentials(folder);
        using var own = authority.Issue("client-1", until: time.GetUtcNow().AddHours(1));
        await File.WriteAllTextAsync(Path.Combine(folder, "partner"), Pair(own), Cancel);

        Assert.NotNull(read.Read(Ref(Pair(own)), time.GetUtcNow(), out _));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Null(read.Read(Ref(Pair(own)), time.GetUtcNow(), out var why));
        Assert.StartsWith("the certificate of the credential 'partner' ran out at ", why, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_list_of_revocations_comes_with_it()
    {
        var certificate = authority.Issue(Name);
        await using var server = new TlsServer(certificate);
        var list = new CertificateRevocationListBuilder();
        list.AddEntry(certificate.SerialNumberBytes.Span);
        var trust = authority.Root.ExportCertificatePem() + "\n" + new string(PemEncoding.Write("X509 CRL", list.Build(
            authority.Root.SubjectName, X509SignatureGenerator.CreateForECDsa(authority.Root.GetECDsaPrivateKey()!), 1, DateTimeOffset.UtcNow.AddDays(1), HashAlgorithmName.SHA256,
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority.Root, includeKeyIdentifier: true, includeIssuerAndSerial: false))));
        await using var sidecar = await StartAsync(server, new CredentialRef("partner_cacert", Hash(trust)));
        Mount(sidecar, ("partner_cacert", trust));

        Assert.Contains("the server's certificate is revoked", await AskAsync(sidecar), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../token")]
    [InlineData("..data")]
    [InlineData("a/b")]
    [InlineData("")]
    public async Task A_name_that_leads_elsewhere_is_refused_with_its_config(string name)
    {
        await using var server = Server();
        await using var sidecar = await TestSidecar.StartAsync();
        Assert.Equal(Mesh.Sidecar.Config.LoadOutcome.Refused, sidecar.Sidecar.Loader.Load(Config(server, new CredentialRef(name, "")).ToDocument()));
    }

    private TlsServer Server() => new(authority.Issue(Name)) { Demands = authority };

    /// <summary>A sidecar that uses each connection once, so that each request makes a handshake.</summary>
    private static Task<TestSidecar> StartAsync(TlsServer server, CredentialRef credential) => TestSidecar.StartAsync(Config(server, credential, limit: 1));

    private static SidecarConfig Config(TlsServer server, CredentialRef credential, int? limit = null)
    {
        var config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, server.Port);
        return config with
        {
            Clusters =
            [
                .. config.Clusters.Select(cluster => cluster with
                {
                    Tls = new TlsOrigination { Sni = Name, Credential = credential },
                    MutualTls = ClientMutualTls.Never,
                    Pool = limit is { } most ? new ConnectionPool { MaxRequestsPerConnection = most } : null,
                }),
            ],
        };
    }

    private string Pair(X509Certificate2 own) =>
        $"{own.ExportCertificatePem()}\n{own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()}\n{authority.Root.ExportCertificatePem()}\n";

    private static CredentialRef Ref(string pem) => new("partner", Hash(pem));

    private static string Hash(string pem) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pem)));

    private static void Mount(TestSidecar sidecar, params (string Name, string Pem)[] files) =>
        KubeletMount.Swap(sidecar.Options.CredentialsDirectory, [.. files.Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Pem)))]);

    private static async Task<string> AskAsync(TestSidecar sidecar)
    {
        using var client = sidecar.Client();
        using var answer = await client.GetAsync("http://reviews/", Cancel);
        return answer.IsSuccessStatusCode ? $"{(int)answer.StatusCode}" : await answer.Content.ReadAsStringAsync(Cancel);
    }

    private static async Task<string> AskAnewAsync(TestSidecar sidecar, TlsServer server)
    {
        var before = server.Connections;
        var answer = await AskAsync(sidecar);
        Assert.True(server.Connections > before);
        return answer;
    }
}
