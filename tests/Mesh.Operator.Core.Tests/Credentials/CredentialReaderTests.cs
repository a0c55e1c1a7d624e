using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Credentials;
using Mesh.Operator.Core.Snapshot;
using Mesh.Testing;

namespace Mesh.Operator.Core.Tests.Credentials;

/// <summary>What is made of a user's Secrets: the names of their entries, in each form, and everything that can be wrong.</summary>
public sealed class CredentialReaderTests : IDisposable
{
    private static readonly ObjectKey Key = new("shop", "partner");
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly TestAuthority authority = new("partner");

    public void Dispose() => authority.Dispose();

    [Theory]
    [InlineData("tls.crt", "tls.key", "ca.crt")]
    [InlineData("cert", "key", "cacert")]
    public void Both_forms_of_a_Secret_are_read(string certificate, string key, string ca)
    {
        using var own = authority.Issue("client");
        var read = Read(new() { [certificate] = Pem(own), [key] = KeyPem(own), [ca] = RootPem }, null);

        Assert.Equal($"{Pem(own)}\n{KeyPem(own)}\n{RootPem}\n", read.Files["partner"]);
        Assert.Equal($"{RootPem}\n", read.Files["partner_cacert"]);
        Assert.Equal((Hash(read.Files["partner"]), Hash(read.Files["partner_cacert"])), (read.Facts.Pair.Sha256, read.Facts.Trust.Sha256));
        Assert.Equal(own.NotAfter.ToUniversalTime(), read.Until!.Value.UtcDateTime);
    }

    [Fact]
    public void The_Secret_of_CA_certificates_beside_it_counts_first()
    {
        using var other = new TestAuthority("other");
        var read = Read(new() { ["ca.crt"] = RootPem }, new() { ["ca.crt"] = other.Root.ExportCertificatePem() });
        Assert.Equal(other.Root.ExportCertificatePem() + "\n", read.Files["partner_cacert"]);
        Assert.Contains("has no tls.crt", read.Facts.Pair.Problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Alone_it_suffices_where_nothing_is_shown()
    {
        var read = CredentialReader.Read(Key, SecretView.Absent, View("partner-cacert", new() { ["cacert"] = RootPem }), Rights, Now)!;
        Assert.Null(read.Facts.Trust.Problem);
        Assert.Equal(ConditionReasons.CredentialNotFound, read.Facts.Pair.Problem!.Reason);
    }

    [Fact]
    public void A_key_of_an_older_form_is_handed_over_in_the_one_form()
    {
        using var rsa = RSA.Create(2048);
        using var own = new CertificateRequest("CN=old", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
        var read = Read(new() { ["tls.crt"] = Pem(own), ["tls.key"] = rsa.ExportRSAPrivateKeyPem(), ["ca.crt"] = RootPem }, null);
        Assert.Contains("-----BEGIN PRIVATE KEY-----", read.Files["partner"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_stays_whole_and_nothing_else_goes_along()
    {
        using var between = authority.Intermediate();
        using var own = between.Issue("client");
        var read = Read(new() { ["tls.crt"] = $"# a word\n{Pem(own)}\n{between.Root.ExportCertificatePem()}", ["tls.key"] = KeyPem(own), ["ca.crt"] = RootPem, ["note"] = "x" }, null);
        Assert.Equal($"{Pem(own)}\n{between.Root.ExportCertificatePem()}\n{KeyPem(own)}\n{RootPem}\n", read.Files["partner"]);
    }

    [Fact]
    public void Nothing_is_said_before_both_were_read()
    {
        Assert.Null(CredentialReader.Read(Key, SecretView.Unread, SecretView.Absent, Rights, Now));
        Assert.Null(CredentialReader.Read(Key, SecretView.Absent, SecretView.Unread, Rights, Now));
    }

    [Fact]
    public void What_is_wrong_is_said_with_the_remedy_and_without_the_key()
    {
        using var own = authority.Issue("client");
        using var other = authority.Issue("client");
        using var old = authority.Issue("client", Now.AddDays(-3), Now.AddDays(-1));
        using var young = authority.Issue("client", Now.AddDays(1), Now.AddDays(2));
        Dictionary<string, string> With(string name, string text) => new() { ["tls.crt"] = Pem(own), ["tls.key"] = KeyPem(own), ["ca.crt"] = RootPem, [name] = text };
        (Dictionary<string, string> Data, string Says)[] cases =
        [
            ([], "Secret shop/partner has no tls.crt (or cert), the certificate that is shown; it has nothing."),
            (new() { ["tls.crt"] = Pem(own), ["password"] = "p" }, "Secret shop/partner has no tls.key, the key of its certificate; it has password, tls.crt."),
            (With("tls.key", KeyPem(other)), "tls.key is not the key of the certificate in tls.crt"),
            (With("tls.key", "gibberish"), "tls.key is not the key of the certificate in tls.crt, or one of them cannot be read"),
            (With("tls.crt", "gibberish"), "tls.crt holds no certificate in PEM"),
            (With("tls.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "or one of them cannot be read"),
            (With("tls.key", own.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("p", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 100))), "tls.key is encrypted"),
            (new() { ["tls.crt"] = Pem(old), ["tls.key"] = KeyPem(old), ["ca.crt"] = RootPem }, "ran out at "),
            (new() { ["tls.crt"] = Pem(young), ["tls.key"] = KeyPem(young), ["ca.crt"] = RootPem }, "begins at "),
        ];
        Assert.All(cases, given =>
        {
            var problem = Read(given.Data, null).Facts.Pair.Problem!;
            Assert.Contains(given.Says, problem.Message, StringComparison.Ordinal);
            Assert.NotEmpty(problem.Remedy);
            Assert.DoesNotContain("PRIVATE", problem.Message + problem.Remedy, StringComparison.Ordinal);
            Assert.DoesNotContain(Read(given.Data, null).Files.Keys, name => name == "partner");
        });
    }

    [Fact]
    public void What_is_wrong_with_the_trust_is_said_too()
    {
        (Dictionary<string, string> Data, SecretView Beside, string Says)[] cases =
        [
            ([], SecretView.Absent, "Secret shop/partner has no ca.crt (or cacert), by which the server is verified, and there is no shop/partner-cacert that has it."),
            ([], SecretView.Forbidden, "and the operator may not read shop/partner-cacert."),
            (new() { ["ca.crt"] = "gibberish" }, SecretView.Absent, "ca.crt holds no certificate in PEM"),
            (new() { ["ca.crt"] = RootPem, ["ca.crl"] = "gibberish" }, SecretView.Absent, "ca.crl holds no X509 CRL in PEM"),
            (new() { ["ca.crt"] = RootPem }, View("partner-cacert", new() { ["cacert"] = "gibberish" }), "Secret shop/partner-cacert cannot be used: cacert holds no certificate"),
        ];
        Assert.All(cases, given => Assert.Contains(given.Says, CredentialReader.Read(Key, View("partner", given.Data), given.Beside, Rights, Now)!.Facts.Trust.Problem!.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_right_the_remedy_gives_just_this_one()
    {
        var problem = CredentialReader.Read(Key, SecretView.Forbidden, SecretView.Forbidden, Rights, Now)!.Facts.Pair.Problem!;
        Assert.Equal((FindingCodes.CredentialForbidden, ConditionReasons.CredentialForbidden), (problem.Code, problem.Reason));
        Assert.Equal(
            "kubectl create role -n shop mesh-read-partner --verb=get,list,watch --resource=secrets --resource-name=partner --resource-name=partner-cacert; "
            + "kubectl create rolebinding -n shop mesh-read-partner --role=mesh-read-partner --serviceaccount=mesh-system:mesh-operator", problem.Remedy);
    }

    [Fact]
    public void A_read_credential_says_nothing_of_its_files()
    {
        using var own = authority.Issue("client");
        Assert.DoesNotContain("PRIVATE", $"{Read(new() { ["tls.crt"] = Pem(own), ["tls.key"] = KeyPem(own), ["ca.crt"] = RootPem }, null)}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("web-5d4f-abcde", "ReplicaSet", "web-5d4f", "5d4f", "mesh-credentials-web")]
    [InlineData(null, "StatefulSet", "db", null, "mesh-credentials-db")]
    [InlineData("alone", null, null, null, "mesh-credentials-alone")]
    public void All_pods_of_a_workload_share_a_name(string? pod, string? kind, string? owner, string? hash, string expected) =>
        Assert.Equal(expected, CredentialNames.For(new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = pod,
                Labels = hash is null ? null : new Dictionary<string, string> { ["pod-template-hash"] = hash },
                OwnerReferences = kind is null ? null : [new V1OwnerReference { Kind = kind, Name = owner, Controller = true }],
            },
        }));

    [Fact]
    public void A_name_that_would_be_too_long_is_cut_and_stays_its_own()
    {
        string[] names = [.. new[] { "a", "b" }.Select(end => CredentialNames.For(new V1Pod { Metadata = new V1ObjectMeta { Name = new string('x', 250) + end } }))];
        Assert.All(names, name => Assert.Equal(253, name.Length));
        Assert.NotEqual(names[0], names[1]);
    }

    private static CredentialRights Rights => new("mesh-system:mesh-operator");

    private string RootPem => authority.Root.ExportCertificatePem();

    private static ReadCredential Read(Dictionary<string, string> own, Dictionary<string, string>? trust) =>
        CredentialReader.Read(Key, View("partner", own), trust is null ? SecretView.Absent : View("partner-cacert", trust), Rights, Now)!;

    private static SecretView View(string name, Dictionary<string, string> data) =>
        SecretView.Of(new V1Secret { Metadata = new V1ObjectMeta { Name = name }, Data = data.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetBytes(entry.Value)) });

    private static string Pem(X509Certificate2 certificate) => certificate.ExportCertificatePem();

    private static string KeyPem(X509Certificate2 certificate) => certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
