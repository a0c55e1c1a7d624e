using k8s.Models;
using Mesh.Api;
using Mesh.Config.Identity;
using Mesh.Operator.Control;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Operator.Tests.Control;

/// <summary>The operator's end of the control port against sidecars that speak it over real TLS and HTTP/2.</summary>
public sealed class SessionTests : ControlStage
{
    [Fact]
    public async Task A_new_pod_gets_a_certificate_then_a_session_then_its_config()
    {
        await _cluster.StartOperatorAsync();
        var (pod, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.Pushes.Count > 0, "a push");
        Assert.True(SpiffeCertificates.TryVerify(sidecar.Certificate, sidecar.Roots, DateTimeOffset.UtcNow, out var id, out _));
        Assert.Equal("spiffe://cluster.local/ns/default/sa/default", id.ToString());
        Assert.Equal(pod.Metadata.Uid, sidecar.Greeting!.PodUid);
        var record = await RecordAsync("client-1", r => r is not null);
        Assert.Equal(record!.Metadata.Annotations[MeshLabels.Hash], sidecar.Report.Hash);
    }

    [Fact]
    public async Task A_sidecar_that_came_by_a_file_is_told_over_its_session_and_has_no_record()
    {
        await _cluster.StartOperatorAsync();
        var made = Make.MeshedPod("client-1", "client", "v1");
        made.Metadata.Annotations = null;
        made.Metadata.Labels[MeshLabels.Inject] = "false"; // from the webhook
        made.Spec.InitContainers = [new V1Container { Name = "mesh-proxy", Image = "mesh/sidecar", RestartPolicy = "Always" }];
        var (_, sidecar) = await _pods.RunAsync(made);
        await Eventually.True(() => sidecar.Report.Hash.Length > 0, "the first config");
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await Eventually.True(() => sidecar.Pushes.Count == 2, "the second config");
        var (first, second) = (sidecar.Pushes.First().Manifest, sidecar.Pushes.Last().Manifest);
        Assert.True(second.Revision > first.Revision);
        var status = await Eventually.Is(async () => (await _cluster.Api.GetAsync<Mesh.Api.Networking.V1VirtualService>("reviews", "default"))?.Status, s => s?.Applied == "1/1", "programmed");
        Assert.NotNull(status);
        Assert.Empty(await _cluster.Api.ListAsync<V1ConfigMap>("default", $"{MeshLabels.Record}={MeshLabels.RecordProxyConfig}"));
        Assert.DoesNotContain(MeshLabels.ConfigRevision, (await _cluster.Api.GetAsync<V1Pod>("client-1", "default"))!.Metadata.Annotations?.Keys ?? []);
    }

    [Fact]
    public async Task A_change_is_pushed_with_the_sections_that_are_lacking_and_carries_the_number_of_the_record()
    {
        await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.Report.Hash.Length > 0, "the first config");
        var (first, all) = sidecar.Pushes.First();
        Assert.Equal(first.Sections.Length, all);
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await Eventually.True(() => sidecar.Pushes.Count == 2, "the second config");
        var (second, few) = sidecar.Pushes.Last();
        Assert.InRange(few, 1, all - 1);
        Assert.True(second.Revision > first.Revision);
        var record = await RecordAsync("client-1", r => r?.Metadata.Annotations[MeshLabels.Hash] == second.Hash);
        Assert.Equal(second.Revision.ToString(), record!.Metadata.Annotations[MeshLabels.RecordRevision]);
        var status = await Eventually.Is(async () => (await _cluster.Api.GetAsync<Mesh.Api.Networking.V1VirtualService>("reviews", "default"))?.Status, s => s?.Applied == "1/1", "programmed");
        Assert.NotNull(status);
    }

    [Fact]
    public async Task A_renewal_asked_for_in_a_session_is_an_issuing_exchange_over_the_new_key()
    {
        await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.IsInSession, "a session");
        var before = sidecar.Certificate!.SerialNumber;
        sidecar.AskForRenewal();
        await Eventually.True(() => sidecar.Certificate!.SerialNumber != before, "another certificate");
        Assert.True(sidecar.IsInSession);
    }

    [Fact]
    public async Task A_proxy_that_does_not_read_delays_nobody()
    {
        await _cluster.StartOperatorAsync();
        var (_, deaf) = await _pods.RunAsync("client-1", "client", s => s.IsDeaf = true);
        var (_, good) = await _pods.RunAsync("client-2", "client");
        await Eventually.True(() => deaf.IsInSession && good.Report.Hash.Length > 0, "both sessions");
        for (var i = 1; i <= 5; i++)
        {
            var hash = good.Report.Hash;
            await _cluster.Api.ApplyAsync(Make.VirtualService("reviews", "reviews", $"{i}s"), "test");
            await Eventually.True(() => good.Report.Hash != hash, $"change {i} is obeyed");
        }

        Assert.Empty(deaf.Pushes);
    }

    [Fact]
    public async Task A_config_that_was_refused_is_not_pushed_again_until_it_changes()
    {
        await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client", s => s.Refuses = "it is wrong");
        await Eventually.True(() => sidecar.Report.Refused is not null, "a refusal");
        sidecar.Say(r => r);
        sidecar.Say(r => r);
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await Eventually.True(() => sidecar.Pushes.Count > 1, "the changed config");
        Assert.Equal(sidecar.Pushes.Count, sidecar.Pushes.Select(push => push.Manifest.Hash).Distinct().Count());
    }

    [Fact]
    public async Task While_a_session_is_up_the_report_is_not_polled_and_the_pod_is_not_bumped()
    {
        var app = await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.Report.Hash.Length > 0, "the first config");
        var sessions = app.Services.GetRequiredService<SessionBook>();
        Assert.Equal(1, sessions.Count);
        var before = (await _cluster.Api.GetAsync<V1Pod>("client-1", "default"))!.Metadata.Annotations.Where(a => a.Key == MeshLabels.ConfigRevision).Select(a => a.Value).FirstOrDefault();
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await RecordAsync("client-1", r => r?.Metadata.Annotations[MeshLabels.Hash] == sidecar.Report.Hash && sidecar.Pushes.Count > 1);
        var after = (await _cluster.Api.GetAsync<V1Pod>("client-1", "default"))!.Metadata.Annotations.Where(a => a.Key == MeshLabels.ConfigRevision).Select(a => a.Value).FirstOrDefault();
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task A_sidecar_that_cannot_renew_its_certificate_is_told_of_on_its_pod()
    {
        await _cluster.StartOperatorAsync();
        var (pod, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.IsInSession, "a session");
        var now = DateTimeOffset.UtcNow;
        sidecar.Say(r => r with { Identity = new Config.IdentityReport { SpiffeId = "spiffe://cluster.local/ns/default/sa/default", NotAfter = now.AddHours(3), Failure = "the token is gone", FailingSince = now } });
        var told = await _pods.EventsAsync("CertificateRenewalFailing");
        Assert.Contains("the token is gone", told[0].Note);
        Assert.Equal(pod.Metadata.Uid, told[0].Regarding.Uid);
    }

    [Fact]
    public async Task A_certificate_that_runs_out_unrenewed_is_told_of_when_it_does()
    {
        await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.IsInSession, "a session");
        var now = DateTimeOffset.UtcNow;
        sidecar.Say(r => r with { Identity = new Config.IdentityReport { SpiffeId = "spiffe://cluster.local/ns/default/sa/default", NotAfter = now.AddSeconds(1), Failure = "the token is gone", FailingSince = now } });
        // Nothing is said or changed after this: the operator looks again by itself.
        var told = Assert.Single(await _pods.EventsAsync("CertificateExpired"));
        Assert.Contains("ran out at", told.Note);
        Assert.Contains("the token is gone", told.Note);
    }

    [Fact]
    public async Task Metrics_tell_of_sessions_pushes_and_certificates()
    {
        var port = FreePort.Find();
        await _cluster.StartOperatorAsync(o => o with { MetricsPort = port });
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.Report.Hash.Length > 0, "the first config");
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
        foreach (var name in new[] { "mesh_operator_control_sessions", "mesh_operator_pushes", "mesh_operator_push_duration", "mesh_operator_certificates", "mesh_operator_root_days_left", "mesh_operator_own_certificate_days_left" })
            Assert.Contains(name, text);
    }

    [Fact]
    public async Task Endpoints_are_pushed_at_once_and_recorded_late_unless_the_session_ends()
    {
        var app = await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.Report.Hash.Length > 0, "the first config");
        var first = await RecordAsync("client-1", r => r?.Metadata.Annotations[MeshLabels.Hash] == sidecar.Report.Hash);
        var pushes = sidecar.Pushes.Count;
        await _cluster.Api.ApplyAsync(Make.Slice("reviews", "10.1.0.7", "10.1.0.8"), "test");
        await Eventually.True(() => sidecar.Pushes.Count > pushes, "the endpoints");
        // Nothing to wait for: the record is not written for ten seconds.
        var meanwhile = await _cluster.Api.GetAsync<V1ConfigMap>("mesh-client-1", "default");
        Assert.Equal(first!.Metadata.ResourceVersion, meanwhile!.Metadata.ResourceVersion);
        await sidecar.DisposeAsync();
        var after = await RecordAsync("client-1", r => r!.Metadata.ResourceVersion != first.Metadata.ResourceVersion);
        Assert.Equal(sidecar.Report.Hash, after!.Metadata.Annotations[MeshLabels.Hash]);
        Assert.Equal(sidecar.Report.Revision.ToString(), after.Metadata.Annotations[MeshLabels.RecordRevision]);
        Assert.NotNull(app);
    }

    [Fact]
    public async Task A_pod_that_nobody_gets_through_to_says_which_policy_would_help()
    {
        var app = await _cluster.StartOperatorAsync();
        var pod = await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        var time = new FakeTimeProvider();
        var reach = new ControlReach(
            app.Services.GetRequiredService<SessionBook>(), app.Services.GetRequiredService<Reports.ReportBook>(), app.Services.GetRequiredService<EventPublisher>(),
            app.Services.GetRequiredService<OperatorOptions>(), time, NullLogger<ControlReach>.Instance);
        var target = new ControlTarget(pod.Metadata.Uid, new EntityKey("default", "client-1"), "10.9.9.9", new SpiffeId("cluster.local", "default", "default"));
        reach.Calling(target);
        time.Advance(TimeSpan.FromSeconds(29));
        reach.Failed(target, DialFailure.NoAnswer, "10.9.9.9:15012 does not answer: timed out");
        reach.Failed(target, DialFailure.Refused, "10.9.9.9:15012 refuses the connection");
        Assert.DoesNotContain(await _cluster.Api.ListAsync<Eventsv1Event>("default"), e => e.Reason == "ControlPortUnreachable");
        time.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 3; i++) reach.Failed(target, DialFailure.NoAnswer, "10.9.9.9:15012 does not answer: timed out");
        var found = Assert.Single(await _pods.EventsAsync("ControlPortUnreachable"));
        Assert.Null(found.Series);
        var yaml = found.Note[found.Note.IndexOf("apiVersion:", StringComparison.Ordinal)..];
        var policy = await _cluster.Api.ApplyAsync(k8s.KubernetesYaml.Deserialize<V1NetworkPolicy>(yaml), "test");
        Assert.Equal("mesh-system", policy.Spec.Ingress[0].FromProperty[0].NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]);
        Assert.Equal("15012", policy.Spec.Ingress[0].Ports[0].Port);
    }

    private Task<V1ConfigMap?> RecordAsync(string pod, Func<V1ConfigMap?, bool> wanted) =>
        Eventually.Is(() => _cluster.Api.GetAsync<V1ConfigMap>("mesh-" + pod, "default"), wanted, $"the record of {pod}");
}
