using System.Security.Cryptography;
using System.Text;
using k8s.Models;
using Mesh.Operator.Identity;
using Org.BouncyCastle.OpenSsl;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;

namespace Mesh.Operator.Tests;

/// <summary>A user's authority in each form that users have one, and what is said of those that are none.</summary>
public sealed class UserAuthorityReaderTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [Fact]
    public void Istios_four_files_are_read_and_the_chain_is_kept()
    {
        using var authority = new Users();
        var read = Read(new() { ["ca-cert.pem"] = authority.SignerPem, ["ca-key.pem"] = authority.Key.ExportPkcs8PrivateKeyPem(), ["cert-chain.pem"] = authority.SignerPem + authority.RootPem, ["root-cert.pem"] = authority.RootPem });
        Assert.Equal(authority.Root.RawData, read.Root.RawData);
        Assert.Equal(authority.Signer.RawData, Assert.Single(read.Intermediates).RawData);
        Assert.True(read.Signer.HasPrivateKey);
        Assert.Equal(authority.RootPem.Trim(), read.RootsPem.Trim());
    }

    [Fact]
    public void A_key_in_the_older_PEM_of_its_kind_is_read()
    {
        using var authority = new Users();
        Assert.NotNull(Read(Files(authority, authority.Key.ExportECPrivateKeyPem())));
    }

    [Fact]
    public void A_key_encrypted_in_the_old_way_is_read_with_its_password()
    {
        using var authority = new Users();
        var files = Files(authority, Encrypted(authority.Key, "secret word"));
        Assert.Null(Try(files, out var problem));
        Assert.Contains("password is missing", problem);
        files["password"] = "secret word";
        Assert.NotNull(Read(files));
        files["password"] = "another";
        Assert.Null(Try(files, out problem));
        Assert.DoesNotContain("another", problem);
    }

    [Fact]
    public void A_tls_secret_with_its_root_is_read()
    {
        using var authority = new Users();
        var read = Read(new() { ["tls.crt"] = authority.SignerPem, ["tls.key"] = authority.Key.ExportPkcs8PrivateKeyPem(), ["ca.crt"] = authority.RootPem });
        Assert.Equal(authority.Root.RawData, read.Root.RawData);
    }

    [Fact]
    public void An_old_PKCS12_store_is_read()
    {
        using var authority = new Users();
        var secret = new V1Secret { Data = new Dictionary<string, byte[]> { ["ca.p12"] = Store(authority, "word"), ["password"] = "word"u8.ToArray() } };
        var read = UserAuthorityReader.Read(secret, Now, out var problem);
        Assert.True(read is not null, problem);
        Assert.Equal(authority.Root.RawData, read.Root.RawData);
        Assert.Equal(authority.Signer.RawData, read.Signer.RawData);
    }

    [Fact]
    public void A_root_that_signs_itself_needs_no_chain()
    {
        using var authority = new Users();
        var read = Read(new() { ["ca-cert.pem"] = authority.RootPem, ["ca-key.pem"] = authority.RootKey.ExportPkcs8PrivateKeyPem(), ["root-cert.pem"] = authority.RootPem });
        Assert.Empty(read.Intermediates);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        using var authority = new Users();
        Assert.Null(Try([], out var problem));
        Assert.Contains("ca-cert.pem", problem);
        Assert.Null(Try(new() { ["ca-cert.pem"] = authority.SignerPem, ["ca-key.pem"] = authority.Key.ExportPkcs8PrivateKeyPem() }, out problem));
        Assert.Contains("root-cert.pem is missing", problem);
    }

    [Fact]
    public void The_key_of_another_certificate_is_none()
    {
        using var authority = new Users();
        Assert.Null(Try(Files(authority, authority.RootKey.ExportPkcs8PrivateKeyPem()), out var problem));
        Assert.Contains("does the key belong to the certificate", problem);
    }

    [Fact]
    public void A_signer_that_does_not_chain_to_the_root_is_none()
    {
        using var authority = new Users();
        using var other = new Users();
        var files = Files(authority, authority.Key.ExportPkcs8PrivateKeyPem());
        files["root-cert.pem"] = other.RootPem;
        Assert.Null(Try(files, out var problem));
        Assert.Contains("does not chain", problem);
    }

    [Fact]
    public void A_certificate_that_may_not_sign_is_no_authority()
    {
        using var authority = new Users(isAuthority: false);
        Assert.Null(Try(Files(authority, authority.Key.ExportPkcs8PrivateKeyPem()), out var problem));
        Assert.Contains("may sign no certificates", problem);
    }

    private static Core.Identity.UserAuthority Read(Dictionary<string, string> files)
    {
        var read = Try(files, out var problem);
        Assert.True(read is not null, problem);
        return read;
    }

    private static Core.Identity.UserAuthority? Try(Dictionary<string, string> files, out string problem) =>
        UserAuthorityReader.Read(new V1Secret { Data = files.ToDictionary(f => f.Key, f => Encoding.ASCII.GetBytes(f.Value)) }, Now, out problem);

    private static Dictionary<string, string> Files(Users authority, string key) =>
        new() { ["ca-cert.pem"] = authority.SignerPem, ["ca-key.pem"] = key, ["root-cert.pem"] = authority.RootPem, ["cert-chain.pem"] = authority.SignerPem };

    private static string Encrypted(ECDsa key, string password)
    {
        using var text = new StringWriter();
        using (var writer = new PemWriter(text)) writer.WriteObject(PrivateKeyFactory.CreateKey(key.ExportPkcs8PrivateKey()), "DES-EDE3-CBC", password.ToCharArray(), new SecureRandom());
        Assert.Contains("Proc-Type: 4,ENCRYPTED", text.ToString());
        return text.ToString();
    }

    private static byte[] Store(Users authority, string password)
    {
        var store = new Pkcs12StoreBuilder().Build();
        var chain = new[] { authority.Signer, authority.Root }.Select(c => new X509CertificateEntry(DotNetUtilities.FromX509Certificate(c))).ToArray();
        store.SetKeyEntry("ca", new AsymmetricKeyEntry(PrivateKeyFactory.CreateKey(authority.Key.ExportPkcs8PrivateKey())), chain);
        using var bytes = new MemoryStream();
        store.Save(bytes, password.ToCharArray(), new SecureRandom());
        return bytes.ToArray();
    }
}
