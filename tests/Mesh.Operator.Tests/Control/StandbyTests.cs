using k8s.Models;
using Mesh.Api.Networking;
using Mesh.Operator.Tests.Servers;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Operator.Tests.Control;

/// <summary>Two replicas: one leads, the other knows and serves as much, and takes over whatever becomes of the first.</summary>
public sealed class StandbyTests : ControlStage
{
    private readonly int _port = FreePort.Find();

    [Fact]
    public async Task A_killed_leader_costs_neither_admission_nor_a_change()
    {
        await using var leader = OperatorProcess.Start(_cluster.OperatorKubeconfig, webhooks: true, "first", new Uri($"https://127.0.0.1:{_port}"));
        await leader.SaysAsync("Leading as first");
        await leader.SaysAsync("Rules are validated at admission");
        var standby = await _cluster.StartOperatorAsync(o => AskedThroughService(o) with { Identity = "second", WebhookPort = _port });
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await Eventually.True(() => sidecar.Report.Hash.Length > 0, "the first config");
        Assert.Equal("first", sidecar.Greeting!.Leader);
        await Eventually.Is(() => _cluster.Api.GetAsync<V1ConfigMap>("mesh-client-1", "default"), r => r is not null, "the first record");
        Assert.False(standby.Services.GetRequiredService<LeaderGate>().IsLeading);
        await RefusedAsync();

        await leader.KillAsync();
        await RefusedAsync();
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        var record = await Eventually.Is(
            () => _cluster.Api.GetAsync<V1ConfigMap>("mesh-client-1", "default"), r => r?.Data["config.json"].Contains("\"7s\"", StringComparison.Ordinal) == true, "the record of the new leader");
        await Eventually.True(() => sidecar.IsInSession && sidecar.Greeting!.Leader == "second", "a session with the new leader");
        await Eventually.True(() => sidecar.Report.Hash == record!.Metadata.Annotations[Api.MeshLabels.Hash], "the sidecar obeys it");
        Assert.Equal("2", record!.Metadata.Annotations[Api.MeshLabels.RecordRevision]);
        await RefusedAsync();
    }

    [Fact]
    public async Task A_standby_writes_nothing()
    {
        await _cluster.StartOperatorAsync(o => o with { Identity = "first" });
        var standby = await _cluster.StartOperatorAsync(o => o with { Identity = "second" });
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await Eventually.True(() => standby.Services.GetRequiredService<MeshLoop>().Plan?.Verdicts.Count == 1, "the standby plans it too");
        var status = await StatusAsync("reviews", s => s.ObservedGeneration == 1);
        var record = await Eventually.Is(() => _cluster.Api.GetAsync<V1ConfigMap>("mesh-client-1", "default"), r => r?.Data["config.json"].Contains("\"7s\"", StringComparison.Ordinal) == true, "the record");
        // Who writes under another's nose makes conflicts, and numbers that jump.
        Assert.InRange(long.Parse(record!.Metadata.Annotations[Api.MeshLabels.RecordRevision]), 1, 2);
        Assert.NotNull(status);
        var lease = await _cluster.Api.GetAsync<V1Lease>("mesh-operator", "mesh-system");
        Assert.Equal(("first", 0), (lease!.Spec.HolderIdentity, lease.Spec.LeaseTransitions ?? 0));
        Assert.Equal(0, standby.Services.GetRequiredService<Operator.Control.SessionBook>().Count);
    }

    [Fact]
    public async Task What_waits_for_its_references_waits_on_under_the_next_leader()
    {
        await _cluster.Api.CreateAsync(Make.Service("ratings"));
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        var first = await _cluster.StartOperatorAsync(o => AskedThroughService(o) with { Identity = "first" });
        var second = await _cluster.StartOperatorAsync(o => AskedThroughService(o) with { Identity = "second", WebhookPort = _port });
        await Eventually.True(() => second.Services.GetRequiredService<MeshLoop>().Plan?.Verdicts.Count == 1, "the standby knows what is in force");
        await _cluster.Api.PatchAsync<V1VirtualService>(
            new EntityKey("default", "reviews"), """{"spec":{"http":[{"timeout":"9s","route":[{"destination":{"host":"reviews","subset":"v2"}}]}]}}""");
        await StatusAsync("reviews", s => s.Conditions.Any(c => c.Reason == Api.ConditionReasons.WaitingForReferences));
        await _cluster.StopOperatorAsync(first);
        await _cluster.Api.CreateAsync(Make.VirtualService("ratings", "ratings", "5s"));
        var record = await Eventually.Is(() => _cluster.Api.GetAsync<V1ConfigMap>("mesh-client-1", "default"), r => r?.Data["config.json"].Contains("\"5s\"", StringComparison.Ordinal) == true, "the record of the new leader");
        Assert.Contains("\"7s\"", record!.Data["config.json"]);
        Assert.DoesNotContain("\"9s\"", record.Data["config.json"]);
        await StatusAsync("reviews", s => s.Conditions.Any(c => c.Reason == Api.ConditionReasons.WaitingForReferences));
    }

    // On a cluster the Service leaves out who does not answer: the API server asks the standby.
    private OperatorOptions AskedThroughService(OperatorOptions options) => options with { WebhookUrl = new Uri($"https://127.0.0.1:{_port}") };

    private async Task RefusedAsync()
    {
        var broken = Make.VirtualService("broken", "reviews");
        broken.Spec = broken.Spec with { Http = [broken.Spec.Http[0] with { Retries = new HttpRetry { Attempts = 2, RetryOn = "sometimes" } }] };
        var refusal = await Assert.ThrowsAsync<ApiException>(() => _cluster.Api.CreateAsync(broken));
        Assert.Contains("spec.http[0].retries.retryOn", refusal.Message);
    }

    private async Task<VirtualServiceStatus> StatusAsync(string name, Func<VirtualServiceStatus, bool> wanted) => (await Eventually.Is(
        async () => (await _cluster.Api.GetAsync<V1VirtualService>(name, "default"))?.Status, s => s is not null && wanted(s), $"status of {name}"))!;
}
