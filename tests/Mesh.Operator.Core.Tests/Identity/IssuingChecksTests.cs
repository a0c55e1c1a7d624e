using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config;
using Mesh.Operator.Core.Identity;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests.Identity;

/// <summary>One row for each check of the issuing: what is wrong, and the one word it is refused with.</summary>
public sealed class IssuingChecksTests : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void A_right_request_is_granted_in_the_name_of_the_token() =>
        Assert.Equal("spiffe://cluster.local/ns/shop/sa/cart", IssuingChecks.Judge(Right()).Id?.ToString());

    [Fact]
    public void What_is_no_request_is_refused() => Refused(IssueReason.RequestUnreadable, Right() with { Request = SigningRequest.Read("nothing") });

    [Fact]
    public void A_weak_key_is_refused()
    {
        using var rsa = RSA.Create(1024);
        var pem = new CertificateRequest("", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequestPem();
        Refused(IssueReason.KeyNotAccepted, Right() with { Request = SigningRequest.Read(pem), ConnectionKey = rsa.ExportSubjectPublicKeyInfo() });
    }

    [Fact]
    public void A_key_that_is_not_the_connections_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Refused(IssueReason.KeyIsNotTheConnections, Right() with { ConnectionKey = other.ExportSubjectPublicKeyInfo() });
    }

    [Fact]
    public void A_request_whose_signature_is_not_its_keys_is_refused()
    {
        var der = new CertificateRequest("", _key, HashAlgorithmName.SHA256).CreateSigningRequest();
        der[^1] ^= 1;
        var request = SigningRequest.Read(PemEncoding.WriteString("CERTIFICATE REQUEST", der));
        Assert.NotNull(request);
        Refused(IssueReason.PossessionNotProved, Right() with { Request = request });
    }

    [Fact]
    public void A_request_changed_on_its_way_is_refused()
    {
        var der = new CertificateRequest("CN=somebody", _key, HashAlgorithmName.SHA256).CreateSigningRequest();
        var at = der.AsSpan().IndexOf("somebody"u8);
        der[at] = (byte)'S';
        Refused(IssueReason.PossessionNotProved, Right() with { Request = SigningRequest.Read(PemEncoding.WriteString("CERTIFICATE REQUEST", der)) });
    }

    [Fact]
    public void A_token_that_the_API_server_does_not_accept_is_refused() =>
        Refused(IssueReason.TokenNotAuthenticated, Right() with { Token = new TokenVerdict { Error = "service account token has expired" } });

    [Fact]
    public void A_token_for_another_audience_is_refused() =>
        Refused(IssueReason.TokenOfAnotherAudience, Right() with { Token = Token() with { Audiences = ["https://kubernetes.default.svc"] } });

    [Theory]
    [InlineData("system:node:n1")]
    [InlineData("admin")]
    [InlineData("system:serviceaccount:shop")]
    [InlineData("system:serviceaccount::cart")]
    [InlineData("system:serviceaccount:shop:cart:more")]
    public void A_token_of_no_service_account_is_refused(string username) =>
        Refused(IssueReason.TokenOfNoServiceAccount, Right() with { Token = Token() with { Username = username } });

    [Fact]
    public void A_token_of_another_pod_is_refused() =>
        Refused(IssueReason.TokenOfAnotherPod, Right() with { Token = Token() with { PodName = "cart-2", PodUid = "u2" } });

    [Fact]
    public void The_token_of_a_pod_that_was_replaced_under_its_name_is_refused() =>
        Refused(IssueReason.TokenOfAnotherPod, Right() with { Token = Token() with { PodUid = "u0" } });

    [Fact]
    public void A_token_of_another_namespace_is_refused() =>
        Refused(IssueReason.TokenOfAnotherPod, Right() with { Token = Token() with { Username = "system:serviceaccount:other:cart" } });

    [Fact]
    public void A_token_that_is_bound_to_no_pod_is_refused() =>
        Refused(IssueReason.TokenOfAnotherPod, Right() with { Token = Token() with { PodName = "", PodUid = "" } });

    [Fact]
    public void A_pod_that_is_not_there_gets_nothing() => Refused(IssueReason.PodGone, Right() with { Pod = null });

    [Fact]
    public void A_pod_that_is_being_deleted_gets_nothing() => Refused(IssueReason.PodGone, Right() with { Pod = Pod() with { IsTerminating = true } });

    [Fact]
    public void A_pod_that_has_finished_gets_nothing() => Refused(IssueReason.PodGone, Right() with { Pod = Pod() with { IsFinished = true } });

    [Fact]
    public void A_token_of_a_service_account_that_is_not_the_pods_is_refused() =>
        Refused(IssueReason.ServiceAccountDiffers, Right() with { Token = Token() with { Username = "system:serviceaccount:shop:admin" } });

    [Fact]
    public void A_token_given_on_a_node_where_the_pod_is_not_is_refused() =>
        Refused(IssueReason.NodeDiffers, Right() with { Token = Token() with { NodeName = "gone" } });

    [Fact]
    public void The_first_thing_wrong_is_what_is_said() => Refused(
        IssueReason.KeyIsNotTheConnections, Right() with { ConnectionKey = new byte[3], Token = new TokenVerdict(), Pod = null });

    [Fact]
    public void What_the_request_asks_for_is_told_and_never_given()
    {
        var request = new CertificateRequest("CN=admin", _key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri("spiffe://cluster.local/ns/kube-system/sa/admin"));
        names.AddDnsName("bank.example");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var read = SigningRequest.Read(request.CreateSigningRequestPem())!;
        Assert.Equal("CN=admin, spiffe://cluster.local/ns/kube-system/sa/admin, bank.example", read.Asked);
        Assert.Equal("spiffe://cluster.local/ns/shop/sa/cart", IssuingChecks.Judge(Right() with { Request = read }).Id?.ToString());
    }

    private static void Refused(string reason, IssueQuestion question)
    {
        var verdict = IssuingChecks.Judge(question);
        Assert.Null(verdict.Id);
        Assert.Equal(reason, verdict.Refusal);
        Assert.NotEmpty(verdict.Message);
    }

    private IssueQuestion Right() => new()
    {
        Request = SigningRequest.Read(new CertificateRequest("", _key, HashAlgorithmName.SHA256).CreateSigningRequestPem()),
        ConnectionKey = _key.ExportSubjectPublicKeyInfo(),
        Token = Token(),
        Pod = Pod(),
        TrustDomain = "cluster.local",
    };

    private static TokenVerdict Token() => new()
    {
        IsAuthenticated = true,
        Audiences = [WellKnown.TokenAudience],
        Username = "system:serviceaccount:shop:cart",
        PodName = "cart-1",
        PodUid = "u1",
        NodeName = "n1",
    };

    private static Workload Pod() => new() { Key = new ObjectKey("shop", "cart-1"), Uid = "u1", WorkloadName = "cart", ServiceAccount = "cart", NodeName = "n1", ConfigName = "mesh-x" };
}
