using System.Collections.Immutable;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Testing;

namespace Mesh.Operator.Tests;

/// <summary>The whole operator against the embedded API server: what is written where, and what is left alone.</summary>
public sealed class OperatorTests : IAsyncLifetime
{
    private EmbeddedCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync();
        await _cluster.Api.CreateAsync(Make.Service("reviews"));
        await _cluster.Api.CreateAsync(Make.Slice("reviews", "10.1.0.7"));
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_new_pod_gets_its_record_and_a_bump()
    {
        await _cluster.StartOperatorAsync();
        var pod = await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        var record = await RecordAsync("client-1", r => r is not null);
        Assert.Equal(MeshLabels.RecordProxyConfig, record!.Metadata.Labels[MeshLabels.Record]);
        Assert.Equal("1", record.Metadata.Annotations[MeshLabels.RecordRevision]);
        var owner = Assert.Single(record.Metadata.OwnerReferences);
        Assert.Equal((pod.Metadata.Uid, "Pod"), (owner.Uid, owner.Kind));
        var manifest = ManifestOf(record);
        Assert.Equal((1, pod.Metadata.Uid), (manifest.Revision, manifest.PodUid));
        Assert.Equal(manifest.Hash, record.Metadata.Annotations[MeshLabels.Hash]);
        await BumpAsync("client-1", "1");
    }

    [Fact]
    public async Task A_route_change_reaches_the_record_and_the_pod()
    {
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        await RecordAsync("client-1", r => r is not null);
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        var record = await RecordAsync("client-1", r => RevisionOf(r) == 2);
        Assert.Contains("\"7s\"", record!.Data["config.json"]);
        await BumpAsync("client-1", "2");
    }

    [Fact]
    public async Task A_change_that_changes_nothing_for_a_pod_writes_nothing()
    {
        var app = await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        var before = await RecordAsync("client-1", r => r is not null);
        await BumpAsync("client-1", "1");
        await _cluster.Api.PatchAsync<V1Pod>(new EntityKey("default", "client-1"), new { metadata = new { annotations = new { note = "x" } } });
        await _cluster.StopOperatorAsync(app);
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        var after = await RecordAsync("client-1", r => RevisionOf(r) > 1);
        Assert.Equal(2, RevisionOf(after));
        Assert.NotEqual(before!.Metadata.ResourceVersion, after!.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task A_foreign_edit_is_put_back_with_an_event()
    {
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        var good = await RecordAsync("client-1", r => r is not null);
        await BumpAsync("client-1", "1");
        await _cluster.FreeRecordsAsync();
        await _cluster.Api.PatchAsync<V1ConfigMap>(Key("mesh-client-1"), new { data = new Dictionary<string, string> { ["config.json"] = "{}" } });
        var restored = await RecordAsync("client-1", r => RevisionOf(r) == 2);
        Assert.Equal(good!.Data["config.json"].Replace("\"revision\":1", "\"revision\":2", StringComparison.Ordinal), restored!.Data["config.json"]);
        await EventAsync("ConfigRestored");
        await BumpAsync("client-1", "2");
    }

    [Fact]
    public async Task A_foreign_edit_made_while_the_operator_was_away_is_put_back_too()
    {
        var app = await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        await RecordAsync("client-1", r => r is not null);
        await BumpAsync("client-1", "1");
        await _cluster.StopOperatorAsync(app);
        await _cluster.FreeRecordsAsync();
        await _cluster.Api.PatchAsync<V1ConfigMap>(Key("mesh-client-1"), new { data = new Dictionary<string, string> { ["config.json"] = "{}" } });
        await _cluster.StartOperatorAsync();
        var restored = await RecordAsync("client-1", r => RevisionOf(r) == 2);
        Assert.Contains("manifest", restored!.Data["config.json"]);
    }

    [Fact]
    public async Task A_label_taken_off_a_record_is_put_back()
    {
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        await RecordAsync("client-1", r => r is not null);
        await BumpAsync("client-1", "1");
        await _cluster.FreeRecordsAsync();
        await _cluster.Api.PatchAsync<V1ConfigMap>(Key("mesh-client-1"), """{"metadata":{"labels":{"mesh.dev/record":null}}}""");
        await RecordAsync("client-1", r => r?.Metadata.Labels?.ContainsKey(MeshLabels.Record) == true);
    }

    [Fact]
    public async Task Metrics_tell_what_was_done()
    {
        var port = 0;
        await _cluster.StartOperatorAsync(o => o with { MetricsPort = port = FreePort.Find() });
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        await RecordAsync("client-1", r => r is not null);
        await BumpAsync("client-1", "1");
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
        foreach (var name in new[] { "mesh_operator_plans", "mesh_operator_plan_duration", "mesh_operator_record_writes", "mesh_operator_runtime_reconciliations", "mesh_operator_runtime_watch_events", "mesh_operator_runtime_leader" })
            Assert.Contains(name, text);
        Assert.Equal("ok\n", await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/readyz")));
    }

    [Fact]
    public async Task A_record_deleted_by_someone_is_written_again()
    {
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        var first = await RecordAsync("client-1", r => r is not null);
        await _cluster.Api.DeleteAsync<V1ConfigMap>("mesh-client-1", "default");
        await RecordAsync("client-1", r => r is not null && r.Metadata.Uid != first!.Metadata.Uid);
    }

    [Fact]
    public async Task A_foreign_ConfigMap_of_that_name_is_never_touched()
    {
        var foreign = await _cluster.Api.CreateAsync(new V1ConfigMap
        {
            Metadata = new V1ObjectMeta { Name = "mesh-client-1", NamespaceProperty = "default" },
            Data = new Dictionary<string, string> { ["mine"] = "yes" },
        });
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        await EventAsync("ConfigNameTaken");
        await _cluster.Api.DeleteAsync<V1Pod>("client-1", "default");
        await _cluster.Api.CreateAsync(Make.MeshedPod("other-1", "other", "v1"));
        await RecordAsync("other-1", r => r is not null);
        var after = await _cluster.Api.GetAsync<V1ConfigMap>("mesh-client-1", "default");
        Assert.Equal(foreign.Metadata.ResourceVersion, after!.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task The_record_of_a_finished_pod_is_deleted()
    {
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.MeshedPod("job-1", "job", "v1"));
        await RecordAsync("job-1", r => r is not null);
        await _cluster.Api.PatchAsync<V1Pod>(Key("job-1"), new { status = new { phase = "Succeeded" } }, "status");
        await RecordAsync("job-1", r => r is null);
    }

    [Fact]
    public async Task The_record_of_a_pod_that_went_while_nobody_watched_is_deleted()
    {
        var app = await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.MeshedPod("job-1", "job", "v1"));
        await RecordAsync("job-1", r => r is not null);
        await _cluster.StopOperatorAsync(app);
        await _cluster.Api.PatchAsync<V1Pod>(Key("job-1"), new { status = new { phase = "Failed" } }, "status");
        await _cluster.StartOperatorAsync();
        await RecordAsync("job-1", r => r is null);
    }

    [Fact]
    public async Task A_record_behind_its_sidecar_is_written_again_above_what_that_reports()
    {
        await _cluster.StartOperatorAsync();
        var (pod, sidecar) = await RunningPodAsync("client-1", "client");
        await using var _ = sidecar;
        await RecordAsync("client-1", r => r is not null);
        // As after an etcd that was restored from yesterday: the sidecar is ahead of the record, and would refuse it as old.
        sidecar.Say(r => r with { Revision = 41, Hash = "ahead" });
        await RecordAsync("client-1", r => RevisionOf(r) == 42);
        Assert.NotNull(pod);
    }

    [Fact]
    public async Task Status_follows_the_sidecars_word()
    {
        await _cluster.StartOperatorAsync();
        var (_, one) = await RunningPodAsync("client-1", "client");
        var (_, two) = await RunningPodAsync("client-2", "client");
        await using var first = one;
        await using var second = two;
        one.Holds((await RecordAsync("client-1", r => r is not null))!.Data["config.json"]);
        two.Holds((await RecordAsync("client-2", r => r is not null))!.Data["config.json"]);
        await Task.Delay(300);

        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await StatusAsync("reviews", s => Is(s, "Accepted", "True") && Is(s, "ResolvedRefs", "True") && Is(s, "Programmed", "False"));
        one.Holds((await RecordAsync("client-1", r => RevisionOf(r) == 2))!.Data["config.json"]);
        two.Holds((await RecordAsync("client-2", r => RevisionOf(r) == 2))!.Data["config.json"]);
        var status = await StatusAsync("reviews", s => Is(s, "Programmed", "True") && Is(s, "Ready", "True"));
        Assert.Equal("2/2", status.Applied);
        Assert.All(status.Conditions, c => Assert.Equal(1, c.ObservedGeneration));
    }

    [Fact]
    public async Task A_sidecar_that_reads_another_format_than_its_pod_says_has_the_pod_put_right()
    {
        await _cluster.StartOperatorAsync();
        var (pod, sidecar) = await RunningPodAsync("client-1", "client");
        await using var _ = sidecar;
        sidecar.Say(report => report with { FormatVersion = 7 });
        await Eventually.True(
            async () => (await _cluster.Api.GetAsync<V1Pod>(pod.Metadata.Name, "default"))!.Metadata.Annotations.TryGetValue(MeshLabels.Format, out var format) && format == "7",
            "the pod says the format its sidecar reads");
    }

    [Fact]
    public async Task A_quota_that_leaves_no_room_is_told_on_the_pod_and_holds_up_nobody_else()
    {
        // The embedded server counts no quotas: a policy refuses in the words of one.
        await _cluster.Api.CreateAsync(new V1ValidatingAdmissionPolicy
        {
            Metadata = new V1ObjectMeta { Name = "full" },
            Spec = new V1ValidatingAdmissionPolicySpec
            {
                FailurePolicy = "Fail",
                MatchConstraints = new V1MatchResources
                {
                    ResourceRules = [new V1NamedRuleWithOperations { ApiGroups = [""], ApiVersions = ["v1"], Resources = ["configmaps"], Operations = ["CREATE"] }],
                },
                Validations = [new V1Validation { Expression = "object.metadata.name != 'mesh-client-1'", Reason = "Forbidden", Message = "exceeded quota: all, requested: configmaps=1, used: configmaps=2, limited: configmaps=2" }],
            },
        });
        await _cluster.Api.CreateAsync(new V1ValidatingAdmissionPolicyBinding
        {
            Metadata = new V1ObjectMeta { Name = "full" }, Spec = new V1ValidatingAdmissionPolicyBindingSpec { PolicyName = "full", ValidationActions = ["Deny"] },
        });
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        await EventAsync("ConfigRefusedByQuota");
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-2", "client", "v1"));
        await RecordAsync("client-2", r => r is not null);
        var said = Assert.Single(await _cluster.Api.ListAsync<Eventsv1Event>("default"), e => e.Reason == "ConfigRefusedByQuota");
        Assert.Equal(("Pod", "client-1", "Warning"), (said.Regarding.Kind, said.Regarding.Name, said.Type));
        Assert.Contains("Raise its limit of configmaps", said.Note);
        await _cluster.Api.DeleteAsync<V1ValidatingAdmissionPolicyBinding>("full", null);
        await RecordAsync("client-1", r => r is not null);
    }

    [Fact]
    public async Task Events_on_a_rule_tell_what_became_of_it()
    {
        await _cluster.StartOperatorAsync();
        var (_, sidecar) = await RunningPodAsync("client-1", "client");
        await using var one = sidecar;
        await _cluster.Api.CreateAsync(Make.VirtualService("nowhere", "nowhere"));
        await EventAsync("HostNotFound");
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        one.Holds((await RecordAsync("client-1", r => r?.Data["config.json"].Contains("\"7s\"", StringComparison.Ordinal) == true))!.Data["config.json"]);
        await EventAsync("Programmed");
        var said = Assert.Single(await _cluster.Api.ListAsync<Eventsv1Event>("default"), e => e.Reason == "Programmed" && e.Regarding.Name == "reviews");
        Assert.Equal(("VirtualService", "Normal", "Generation 1 is in force at 1/1 proxies."), (said.Regarding.Kind, said.Type, said.Note));
    }

    [Fact]
    public async Task What_does_not_act_in_the_mesh_wide_settings_is_an_event_on_them()
    {
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(new V1ConfigMap
        {
            Metadata = new V1ObjectMeta { Name = MeshNames.SettingsConfigMap, NamespaceProperty = MeshNames.SystemNamespace },
            Data = new Dictionary<string, string> { [MeshNames.SettingsKey] = "enableTracing: true\n" },
        });
        await Eventually.True(
            async () => (await _cluster.Api.ListAsync<Eventsv1Event>(MeshNames.SystemNamespace))
                .Any(e => e.Reason == FindingCodes.FieldNotSupportedYet && e.Note.Contains("enableTracing", StringComparison.Ordinal)),
            "an event about the field");
    }

    [Fact]
    public async Task A_silent_sidecar_delays_nobody()
    {
        await _cluster.StartOperatorAsync();
        var (_, good) = await RunningPodAsync("client-1", "client");
        var (_, silent) = await RunningPodAsync("client-2", "client");
        await using var first = good;
        await using var second = silent;
        silent.Hangs = true;
        good.Holds((await RecordAsync("client-1", r => r is not null))!.Data["config.json"]);
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        good.Holds((await RecordAsync("client-1", r => RevisionOf(r) == 2))!.Data["config.json"]);
        await StatusAsync("reviews", s => s.Proxies?.Applied == 1);
    }

    [Fact]
    public async Task A_status_changed_by_someone_is_put_right()
    {
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await StatusAsync("reviews", s => Is(s, "Accepted", "True"));
        await _cluster.Api.PatchAsync<V1VirtualService>(Key("reviews"), """{"status":{"conditions":[],"applied":"99/99"}}""", "status");
        await StatusAsync("reviews", s => Is(s, "Accepted", "True") && s.Applied != "99/99");
    }

    [Fact]
    public async Task An_unknown_host_is_accepted_and_said_in_status()
    {
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.VirtualService("nowhere", "nowhere"));
        var status = await StatusAsync("nowhere", s => Is(s, "ResolvedRefs", "False"));
        Assert.True(Is(status, "Accepted", "True"));
        Assert.Contains(status.Findings, f => f.Remedy.Length > 0);
    }

    private static bool Is(VirtualServiceStatus status, string type, string value) => status.Conditions.Any(c => c.Type == type && c.Status == value);

    private static EntityKey Key(string name) => new("default", name);

    private async Task<(V1Pod Pod, ScriptedSidecar Sidecar)> RunningPodAsync(string name, string app)
    {
        var pod = await _cluster.Api.CreateAsync(Make.MeshedPod(name, app, "v1"));
        var sidecar = await ScriptedSidecar.StartAsync(pod.Metadata.Uid);
        await _cluster.Api.PatchAsync<V1Pod>(
            Key(name), new { status = new { phase = "Running", podIP = sidecar.Address, podIPs = ImmutableArray.Create(new { ip = sidecar.Address }) } }, "status");
        return (pod, sidecar);
    }

    private Task<V1ConfigMap?> RecordAsync(string pod, Func<V1ConfigMap?, bool> wanted) =>
        Eventually.Is(() => _cluster.Api.GetAsync<V1ConfigMap>("mesh-" + pod, "default"), wanted, $"the record of {pod}");

    private Task BumpAsync(string pod, string revision) =>
        Eventually.Is(
            async () => (await _cluster.Api.GetAsync<V1Pod>(pod, "default"))?.Metadata.Annotations is { } a && a.TryGetValue(MeshLabels.ConfigRevision, out var r) ? r : null,
            r => r == revision, $"bump {revision} of {pod}");

    private async Task<VirtualServiceStatus> StatusAsync(string name, Func<VirtualServiceStatus, bool> wanted) =>
        (await Eventually.Is(
            async () => (await _cluster.Api.GetAsync<V1VirtualService>(name, "default"))?.Status,
            s => s is not null && wanted(s), $"status of {name}"))!;

    private Task EventAsync(string reason) =>
        Eventually.True(async () => (await _cluster.Api.ListAsync<Eventsv1Event>("default")).Any(e => e.Reason == reason), $"event {reason}");

    private static long RevisionOf(V1ConfigMap? record) =>
        record?.Metadata.Annotations is { } a && a.TryGetValue(MeshLabels.RecordRevision, out var text) ? long.Parse(text) : 0;

    private static Manifest ManifestOf(V1ConfigMap record)
    {
        using var document = System.Text.Json.JsonDocument.Parse(record.Data["config.json"]);
        return System.Text.Json.JsonSerializer.Deserialize(document.RootElement.GetProperty("manifest"), ProxyConfigJson.Default.Manifest)!;
    }
}
