using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s.Models;
using Mesh.Config;
using Mesh.Config.Control;
using Mesh.Config.Identity;
using Mesh.Testing;
using CertificateRequest = System.Security.Cryptography.X509Certificates.CertificateRequest;

namespace Mesh.Operator.Tests.Control;

/// <summary>Certificates over the wire: real handshakes, and real bound tokens that a real token review judges.</summary>
public sealed class IssuingTests() : ControlStage(withService: false)
{
    private int _port;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _port = FreePort.Find();
        await _cluster.StartOperatorAsync(o => o with { ControlPort = _port });
    }

    [Fact]
    public async Task A_request_that_lies_about_its_name_gets_the_identity_of_its_token()
    {
        var (_, sidecar) = await _pods.RunAsync("client-1", "client", s => s.SigningRequest = key =>
        {
            var request = new CertificateRequest("CN=admin", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddUri(new Uri("spiffe://cluster.local/ns/kube-system/sa/admin"));
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            return request.CreateSigningRequestPem();
        });
        await Eventually.True(() => sidecar.Certificate is not null, "a certificate");
        Assert.True(SpiffeCertificates.TryReadId(sidecar.Certificate!, out var id));
        Assert.Equal("spiffe://cluster.local/ns/default/sa/default", id.ToString());
        Assert.Equal("", sidecar.Certificate!.Subject);
        Assert.False(sidecar.Certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
    }

    [Fact]
    public async Task A_request_over_a_key_that_is_not_the_connections_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (_, sidecar) = await _pods.RunAsync("client-1", "client", s => s.SigningRequest = _ => SpeakingSidecar.RequestOver(other));
        await RefusedAsync(sidecar, "key-is-not-the-connections");
        Assert.Contains((await _pods.EventsAsync("CertificateIssueRefused")).Select(e => e.Note), note => note.Contains("key-is-not-the-connections", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_token_of_another_pod_is_refused()
    {
        await _pods.AccountAsync("default");
        var other = await _cluster.Api.CreateAsync(Make.MeshedPod("other-1", "other", "v1"));
        var stolen = await _pods.TokenAsync(other);
        var (_, sidecar) = await _pods.RunAsync("client-1", "client", s => s.Token = stolen);
        await RefusedAsync(sidecar, "token-of-another-pod");
    }

    [Fact]
    public async Task A_token_for_another_audience_is_refused()
    {
        var (pod, sidecar) = await _pods.RunAsync("client-1", "client", s => s.Token = "");
        sidecar.Token = await _pods.TokenAsync(pod, audience: "https://kubernetes.default.svc.cluster.local");
        // The API server is asked for our audience and accepts no other.
        await Eventually.True(() => sidecar.Refusals.Any(r => r.StartsWith("token-not-authenticated", StringComparison.Ordinal) && !r.Contains("no token", StringComparison.Ordinal)), "a refusal of the token");
        Assert.Null(sidecar.Certificate);
    }

    [Fact]
    public async Task The_sidecar_of_a_pod_that_was_replaced_at_its_address_gets_nothing()
    {
        var (pod, sidecar) = await _pods.RunAsync("client-1", "client", s => s.Token = "");
        var old = await _pods.TokenAsync(pod);
        await _cluster.Api.DeleteAsync<V1Pod>("client-1", "default");
        await Eventually.True(async () => await _cluster.Api.GetAsync<V1Pod>("client-1", "default") is null, "the pod is gone");
        var successor = await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        // The old sidecar still listens there and pretends.
        sidecar.Token = old;
        sidecar.Hello = sidecar.Hello with { PodUid = successor.Metadata.Uid };
        while (sidecar.Refusals.TryDequeue(out _))
        {
        }

        await _pods.AddressAsync("client-1", sidecar.Address);
        await Eventually.True(() => !sidecar.Refusals.IsEmpty, "a refusal");
        Assert.Null(sidecar.Certificate);
    }

    [Fact]
    public async Task A_pod_that_is_being_deleted_is_not_renewed()
    {
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.IsInSession, "a session");
        var serial = sidecar.Certificate!.SerialNumber;
        await _cluster.Api.PatchAsync<V1Pod>(new EntityKey("default", "client-1"), new { metadata = new { finalizers = new[] { "test.dev/held" } } });
        await _cluster.Api.DeleteAsync<V1Pod>("client-1", "default");
        await Eventually.True(async () => (await _cluster.Api.GetAsync<V1Pod>("client-1", "default"))!.Metadata.DeletionTimestamp is not null, "the deletion has begun");
        await Eventually.Passes(
            () =>
            {
                sidecar.AskForRenewal();
                Assert.Contains(sidecar.Refusals, r => r.StartsWith("pod-gone", StringComparison.Ordinal) || r.StartsWith("token-not-authenticated", StringComparison.Ordinal));
                return Task.CompletedTask;
            },
            "a refusal");
        await _cluster.Api.PatchAsync<V1Pod>(new EntityKey("default", "client-1"), """{"metadata":{"finalizers":null}}""");
        Assert.NotEqual("", serial);
    }

    [Fact]
    public async Task The_token_of_a_pod_whose_node_is_gone_is_refused()
    {
        await _pods.AccountAsync("default");
        var node = await _cluster.Api.CreateAsync(new V1Node { Metadata = new V1ObjectMeta { Name = "n1" } });
        var pod = Make.MeshedPod("client-1", "client", "v1");
        pod.Spec.NodeName = "n1";
        pod = await _cluster.Api.CreateAsync(pod);
        var token = await _pods.TokenAsync(pod);
        await _cluster.Api.DeleteAsync<V1Node>("n1", null, node.Metadata.Uid);
        var map = await _pods.MapAsync("default", m => m is not null);
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(map!.Data[WellKnown.TrustRoots]);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var exchange = await SidecarCall.OpenAsync(_port, WellKnown.IssueName, WellKnown.IssuePath, SpeakingSidecar.SelfSigned(key), roots);
        var answer = await exchange.AskAsync(new ControlMessage { SidecarHello = new SidecarHello { PodUid = pod.Metadata.Uid, Namespace = "default", Pod = "client-1", Token = token } }, Request(key));
        Assert.StartsWith("token-not-authenticated", answer!.Refusal!.Reason);
    }

    [Fact]
    public async Task A_sidecar_that_the_operator_does_not_reach_gets_its_certificate_and_session_by_calling()
    {
        var (hello, token, roots) = await UnreachableAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 certificate;
        await using (var exchange = await SidecarCall.OpenAsync(_port, WellKnown.IssueName, WellKnown.IssuePath, SpeakingSidecar.SelfSigned(key), roots))
        {
            Assert.Equal("spiffe://cluster.local/ns/mesh-system/sa/mesh-operator", exchange.Operator!.ToString());
            var answer = await exchange.AskAsync(new ControlMessage { SidecarHello = hello with { Token = token } }, Request(key));
            using var bare = X509Certificate2.CreateFromPem(answer!.Certificate!.Chain);
            certificate = bare.CopyWithPrivateKey(key);
        }

        await using var session = await SidecarCall.OpenAsync(_port, WellKnown.SessionName, WellKnown.SessionPath, certificate, roots);
        var greeting = await session.AskAsync(new ControlMessage { SidecarHello = hello with { Token = token } });
        Assert.Equal(hello.PodUid, greeting!.OperatorHello!.PodUid);
    }

    [Fact]
    public async Task A_session_with_another_pods_token_is_refused()
    {
        var (hello, token, roots) = await UnreachableAsync();
        var other = await _cluster.Api.CreateAsync(Make.MeshedPod("other-1", "other", "v1"));
        var stolen = await _pods.TokenAsync(other);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var exchange = await SidecarCall.OpenAsync(_port, WellKnown.IssueName, WellKnown.IssuePath, SpeakingSidecar.SelfSigned(key), roots);
        var answer = await exchange.AskAsync(new ControlMessage { SidecarHello = hello with { Token = token } }, Request(key));
        using var bare = X509Certificate2.CreateFromPem(answer!.Certificate!.Chain);
        await using var session = await SidecarCall.OpenAsync(_port, WellKnown.SessionName, WellKnown.SessionPath, bare.CopyWithPrivateKey(key), roots);
        var greeting = await session.AskAsync(new ControlMessage { SidecarHello = hello with { Token = stolen } });
        Assert.Contains("token-of-another-pod", greeting!.Refusal!.Reason);
    }

    [Fact]
    public async Task A_session_without_a_certificate_of_the_mesh_does_not_come_past_the_handshake()
    {
        var (hello, token, roots) = await UnreachableAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var session = await SidecarCall.OpenAsync(_port, WellKnown.SessionName, WellKnown.SessionPath, SpeakingSidecar.SelfSigned(key), roots);
            var answer = await session.AskAsync(new ControlMessage { SidecarHello = hello with { Token = token } });
            Assert.NotNull(answer?.OperatorHello);
        });
    }

    [Fact]
    public async Task A_replica_that_stands_by_issues_certificates_but_has_no_sessions()
    {
        var (hello, token, roots) = await UnreachableAsync();
        var port = FreePort.Find();
        await _cluster.StartOperatorAsync(o => o with { ControlPort = port, Identity = "standby" });
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2? certificate = null;
        await Eventually.Passes(
            async () =>
            {
                await using var exchange = await SidecarCall.OpenAsync(port, WellKnown.IssueName, WellKnown.IssuePath, SpeakingSidecar.SelfSigned(key), roots);
                var issued = await exchange.AskAsync(new ControlMessage { SidecarHello = hello with { Token = token } }, Request(key));
                using var bare = X509Certificate2.CreateFromPem(issued!.Certificate!.Chain);
                certificate = bare.CopyWithPrivateKey(key);
            },
            "the standby issues once it knows the roots");
        Assert.True(SpiffeCertificates.TryVerify(certificate, roots, DateTimeOffset.UtcNow, out var id, out string why), why);
        Assert.Equal("spiffe://cluster.local/ns/default/sa/default", id.ToString());
        await using var session = await SidecarCall.OpenAsync(port, WellKnown.SessionName, WellKnown.SessionPath, certificate!, roots);
        var answer = await session.AskAsync(new ControlMessage { SidecarHello = hello with { Token = token } });
        Assert.Equal("not the leader", answer!.Refusal!.Reason);
    }

    private static ControlMessage Request(ECDsa key) =>
        new() { CertificateRequest = new Config.Control.CertificateRequest { SigningRequest = SpeakingSidecar.RequestOver(key), Reason = "start" } };

    /// <summary>A pod at an address where nobody listens.</summary>
    private async Task<(SidecarHello Hello, string Token, X509Certificate2Collection Roots)> UnreachableAsync()
    {
        await _pods.AccountAsync("default");
        var pod = await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        await _pods.AddressAsync("client-1", "127.1.2.3");
        var map = await _pods.MapAsync("default", m => m is not null);
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(map!.Data[WellKnown.TrustRoots]);
        var token = await _pods.TokenAsync(pod);
        return (new SidecarHello { PodUid = pod.Metadata.Uid, Namespace = "default", Pod = "client-1" }, token, roots);
    }

    private static async Task RefusedAsync(SpeakingSidecar sidecar, string reason)
    {
        await Eventually.True(() => sidecar.Refusals.Any(r => r.StartsWith(reason, StringComparison.Ordinal)), $"a refusal {reason}");
        Assert.Null(sidecar.Certificate);
        Assert.False(sidecar.IsInSession);
    }
}
