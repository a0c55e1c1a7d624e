using k8s.Models;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Operator.Tests.Control;

/// <summary>Leaders come and go; sessions, numbers and roots go on.</summary>
public sealed class TakeoverTests : ControlStage
{
    [Fact]
    public async Task The_next_leader_has_a_higher_epoch_the_same_roots_and_goes_on_numbering()
    {
        var first = await _cluster.StartOperatorAsync(o => o with { Identity = "first" });
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.Report.Hash.Length > 0, "the first config");
        var (epoch, revision, serial, root) = (sidecar.Greeting!.Epoch, sidecar.Report.Revision, sidecar.Certificate!.SerialNumber, await RootsAsync());
        await _cluster.StopOperatorAsync(first);
        await _cluster.StartOperatorAsync(o => o with { Identity = "second" });
        await Eventually.True(() => sidecar.IsInSession && sidecar.Greeting!.Epoch > epoch, "a session with the next leader");
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await Eventually.True(() => sidecar.Report.Revision > revision, "the next config");
        Assert.Equal(serial, sidecar.Certificate.SerialNumber);
        Assert.Equal(root, await RootsAsync());
    }

    [Fact]
    public async Task A_leader_whose_lease_counts_anew_raises_its_epoch_above_the_one_that_was_seen()
    {
        var app = await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client", s => s.Hello = s.Hello with { Epoch = 41 });
        await Eventually.True(() => sidecar.IsInSession, "a session");
        Assert.Equal(42, sidecar.Greeting!.Epoch);
        Assert.Equal(42, app.Services.GetRequiredService<LeaderGate>().Epoch);
        var lease = await _cluster.Api.GetAsync<V1Lease>("mesh-operator", "mesh-system");
        Assert.Equal(41, lease!.Spec.LeaseTransitions);
    }

    [Fact]
    public async Task An_epoch_that_no_operator_can_have_had_is_not_believed()
    {
        var app = await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client", s => s.Hello = s.Hello with { Epoch = long.MaxValue });
        await Eventually.True(() => !sidecar.Refusals.IsEmpty, "a refusal");
        Assert.InRange(app.Services.GetRequiredService<LeaderGate>().Epoch, 1, 10);
    }

    [Fact]
    public async Task A_config_that_is_held_already_is_not_pushed_again_by_the_next_leader()
    {
        var first = await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.Report.Hash.Length > 0, "the first config");
        await _cluster.StopOperatorAsync(first);
        var (pushes, greeting) = (sidecar.Pushes.Count, sidecar.Greeting);
        await _cluster.StartOperatorAsync();
        await Eventually.True(() => sidecar.IsInSession && !ReferenceEquals(sidecar.Greeting, greeting), "a session with the next leader");
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await Eventually.True(() => sidecar.Pushes.Count > pushes, "the next config");
        Assert.Equal(pushes + 1, sidecar.Pushes.Count);
    }

    [Fact]
    public async Task A_sidecar_that_holds_a_higher_number_than_the_record_gets_its_config_numbered_above()
    {
        // As after an etcd that was restored from yesterday.
        await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client", s => s.Say(r => r with { Revision = 41, Hash = "ahead" }));
        await Eventually.True(() => sidecar.Pushes.Count > 0, "a push");
        Assert.Equal(42, sidecar.Pushes.First().Manifest.Revision);
        Assert.Single(sidecar.Pushes);
    }

    [Fact]
    public async Task A_root_asked_for_is_trusted_before_it_signs_and_a_restart_in_between_changes_nothing()
    {
        var first = await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.IsInSession, "a session");
        var old = Fingerprints(sidecar);
        sidecar.Say(r => r with { Identity = new Config.IdentityReport { TrustedRoots = [.. old], Issuer = old[0] } });
        await _cluster.Api.PatchAsync<V1Secret>(new EntityKey("mesh-system", "mesh-ca"), new { metadata = new { annotations = new Dictionary<string, string> { ["mesh.dev/renew-root"] = "1" } } });
        await _pods.MapAsync("default", m => Roots(m) == 2);
        var waiting = await _pods.EventsAsync("RootAwaitsTrust", "mesh-system");
        Assert.Contains(waiting, e => e.Note.Contains("default/client-1", StringComparison.Ordinal));
        await _cluster.StopOperatorAsync(first);

        await _cluster.StartOperatorAsync();
        await Eventually.True(() => sidecar.IsInSession, "a session with the next leader");
        Assert.Equal(2, Roots(await _pods.MapAsync("default", m => m is not null)));
        Assert.DoesNotContain(await _cluster.Api.ListAsync<Eventsv1Event>("mesh-system"), e => e.Reason == "RootSigningMoved");
        // The mount follows, and the sidecar says so.
        await _pods.TrustAsync(sidecar);
        sidecar.Say(r => r with { Identity = r.Identity! with { TrustedRoots = [.. Fingerprints(sidecar)] } });
        await _pods.EventsAsync("RootSigningMoved", "mesh-system");
        var serial = sidecar.Certificate!.SerialNumber;
        sidecar.AskForRenewal();
        await Eventually.True(() => sidecar.Certificate!.SerialNumber != serial, "a certificate of the new root");
        Assert.True(Mesh.Config.Identity.SpiffeCertificates.TryVerify(sidecar.Certificate, [.. sidecar.Roots.Where(r => !old.Contains(Mesh.Config.Identity.SpiffeCertificates.FingerprintOf(r)))], DateTimeOffset.UtcNow, out _, out string why), why);
        Assert.Equal(2, Roots(await _pods.MapAsync("default", m => m is not null)));
    }

    [Fact]
    public async Task A_users_authority_given_from_the_start_signs_through_its_intermediate()
    {
        using var users = new Users();
        var secret = Secret(users);
        secret.Data["ca-crl.pem"] = [];
        await _cluster.Api.CreateAsync(secret);
        await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.Certificate is not null, "a certificate");
        // What has no effect is said.
        await _pods.EventsAsync("RevocationListIgnored", "mesh-system");
        Assert.Equal(users.Signer.Subject, sidecar.Certificate!.Issuer);
        Assert.True(Mesh.Config.Identity.SpiffeCertificates.TryVerify(sidecar.Certificate, [users.Signer], [users.Root], DateTimeOffset.UtcNow, out _, out string why), why);
        Assert.Equal(users.RootPem, await RootsAsync());
        Assert.DoesNotContain("ca.key", (await _cluster.Api.GetAsync<V1Secret>("mesh-ca", "mesh-system"))!.Data.Keys);
    }

    [Fact]
    public async Task A_users_authority_given_later_is_trusted_before_it_signs()
    {
        using var users = new Users();
        await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.IsInSession, "a session");
        await _cluster.Api.CreateAsync(Secret(users));
        await _pods.MapAsync("default", m => Roots(m) == 2);
        await _pods.TrustAsync(sidecar);
        Assert.DoesNotContain(await _cluster.Api.ListAsync<Eventsv1Event>("mesh-system"), e => e.Reason == "RootSigningMoved");
        sidecar.Say(r => r with { Identity = new Config.IdentityReport { TrustedRoots = [.. Fingerprints(sidecar)] } });
        await _pods.EventsAsync("RootSigningMoved", "mesh-system");
        sidecar.AskForRenewal();
        await Eventually.True(() => sidecar.Certificate!.Issuer == users.Signer.Subject, "a certificate of the user's authority");
    }

    private static V1Secret Secret(Users users) => new()
    {
        Metadata = new V1ObjectMeta { Name = "cacerts", NamespaceProperty = "mesh-system" },
        Data = new Dictionary<string, string>
        {
            ["ca-cert.pem"] = users.SignerPem,
            ["ca-key.pem"] = users.Key.ExportPkcs8PrivateKeyPem(),
            ["cert-chain.pem"] = users.SignerPem,
            ["root-cert.pem"] = users.RootPem,
        }.ToDictionary(file => file.Key, file => System.Text.Encoding.ASCII.GetBytes(file.Value)),
    };

    private static List<string> Fingerprints(SpeakingSidecar sidecar) => [.. sidecar.Roots.Select(Mesh.Config.Identity.SpiffeCertificates.FingerprintOf).Order(StringComparer.Ordinal)];

    private static int Roots(V1ConfigMap? map) => (map?.Data[Config.WellKnown.TrustRoots].Split("BEGIN CERTIFICATE").Length ?? 0) - 1;

    private async Task<string> RootsAsync() => (await _pods.MapAsync("default", m => m is not null))!.Data[Config.WellKnown.TrustRoots];
}
