using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Identity;
using Mesh.Operator.Core.Identity;

namespace Mesh.Operator.Core.Tests.Identity;

/// <summary>What stands in a certificate.</summary>
public sealed class CertificateIssuerTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly SpiffeId Id = new("cluster.local", "shop", "cart");
    private readonly RootPair _root = Root(Now.AddDays(-1), TimeSpan.FromDays(3650));

    [Fact]
    public void The_name_is_one_critical_uri_and_the_subject_is_empty()
    {
        var certificate = Issue(Now, TimeSpan.FromHours(24));
        Assert.True(SpiffeCertificates.TryReadId(certificate, out var id));
        Assert.Equal(Id, id);
        Assert.True(certificate.Extensions["2.5.29.17"]!.Critical);
        Assert.Equal("", certificate.Subject);
    }

    [Fact]
    public void It_may_be_used_on_both_ends_of_a_connection_and_for_nothing_else()
    {
        var certificate = Issue(Now, TimeSpan.FromHours(24));
        Assert.Equal(X509KeyUsageFlags.DigitalSignature, certificate.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
        Assert.Equal(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"], certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(o => o.Value));
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
    }

    [Fact]
    public void It_names_the_key_that_signed_it()
    {
        var authority = Issue(Now, TimeSpan.FromHours(24)).Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single();
        var subject = _root.Certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single();
        Assert.Equal(subject.SubjectKeyIdentifierBytes.ToArray(), authority.KeyIdentifier!.Value.ToArray());
    }

    [Fact]
    public void It_is_valid_for_a_clock_that_is_two_minutes_slow()
    {
        var certificate = Issue(Now, TimeSpan.FromHours(24));
        X509Certificate2Collection roots = [_root.Certificate];
        Assert.True(SpiffeCertificates.TryVerify(certificate, roots, Now.AddMinutes(-2), out _, out _));
        Assert.False(SpiffeCertificates.TryVerify(certificate, roots, Now.AddMinutes(-2).AddSeconds(-1), out _, out _));
        Assert.True(SpiffeCertificates.TryVerify(certificate, roots, Now.AddHours(24).AddSeconds(-1), out _, out _));
        Assert.False(SpiffeCertificates.TryVerify(certificate, roots, Now.AddHours(24).AddSeconds(1), out _, out _));
    }

    [Fact]
    public void It_does_not_outlive_its_root()
    {
        var root = Root(Now.AddDays(-1), TimeSpan.FromDays(1) + TimeSpan.FromHours(2));
        var certificate = Issue(Now, TimeSpan.FromHours(24), root);
        Assert.Equal(root.NotAfter, certificate.NotAfter.ToUniversalTime());
    }

    [Fact]
    public void Serials_have_128_bits_are_positive_and_differ()
    {
        var serials = Enumerable.Range(0, 50).Select(_ => Issue(Now, TimeSpan.FromHours(24)).SerialNumberBytes).ToList();
        Assert.All(serials, serial => Assert.Equal(16, serial.Length));
        Assert.All(serials, serial => Assert.True(new BigInteger(serial.Span, isUnsigned: false, isBigEndian: true).Sign > 0));
        Assert.Equal(50, serials.Select(serial => Convert.ToHexString(serial.Span)).Distinct().Count());
    }

    [Fact]
    public void A_root_is_an_authority_named_by_its_trust_domain()
    {
        var extensions = _root.Certificate.Extensions;
        Assert.True(extensions.OfType<X509BasicConstraintsExtension>().Single() is { CertificateAuthority: true, Critical: true });
        Assert.Equal(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
        Assert.Contains("spiffe://cluster.local", System.Text.Encoding.ASCII.GetString(extensions["2.5.29.17"]!.RawData));
    }

    [Fact]
    public void A_root_is_read_as_it_was_written()
    {
        var read = RootPair.Read(_root.CertificatePem, _root.ExportKeyPem());
        Assert.Equal(_root.Fingerprint, read!.Fingerprint);
        Assert.True(read.Certificate.HasPrivateKey);
    }

    [Fact]
    public void A_root_without_its_own_key_is_none()
    {
        Assert.Null(RootPair.Read(_root.CertificatePem, Root(Now, TimeSpan.FromDays(1)).ExportKeyPem()));
        Assert.Null(RootPair.Read("x", "y"));
    }

    private X509Certificate2 Issue(DateTimeOffset now, TimeSpan life, RootPair? root = null)
    {
        root ??= _root;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return CertificateIssuer.Issue(new SigningAuthority(root.Certificate, root.Fingerprint), new PublicKey(key), Id, now, life, RandomNumberGenerator.GetBytes(16));
    }

    private static RootPair Root(DateTimeOffset from, TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return RootPair.Make(key, RandomNumberGenerator.GetBytes(16), "cluster.local", from, life);
    }
}
