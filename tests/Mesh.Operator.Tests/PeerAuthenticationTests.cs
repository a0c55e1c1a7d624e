using System.Collections.Immutable;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Security;
using Mesh.Config;
using Mesh.Testing;

namespace Mesh.Operator.Tests;

/// <summary>A PeerAuthentication on its whole way: admission, record, report, status.</summary>
public sealed class PeerAuthenticationTests : IAsyncLifetime
{
    private EmbeddedCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync();
        await _cluster.StartOperatorAsync();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task It_reaches_the_records_of_its_pods_and_the_status_says_who_speaks_clear_text()
    {
        var pod = await _cluster.Api.CreateAsync(Make.MeshedPod("web-1", "web", "v1"));
        await using var sidecar = await ScriptedSidecar.StartAsync(pod.Metadata.Uid);
        await PatchStatusAsync("web-1", sidecar.Address);
        await _cluster.Api.CreateAsync(Make.MeshedPod("old-1", "old", "v1"));
        await PatchStatusAsync("old-1", "192.0.2.7");

        await _cluster.Api.CreateAsync(Peers("strict", "STRICT"));
        var record = await Eventually.Is(
            () => _cluster.Api.GetAsync<V1ConfigMap>("mesh-web-1", "default"), r => r?.Data?["config.json"].Contains("\"Strict\"", StringComparison.Ordinal) == true, "the record of web-1");
        sidecar.Holds(record!.Data["config.json"]);
        sidecar.Say(report => report with { ClearTextClients = [new ClearTextClient("192.0.2.7", 8080, 3, DateTimeOffset.UtcNow)] });

        var status = await StatusAsync("strict", s => s.ClearTextClients.Count > 0 && Is(s, ConditionTypes.Programmed, "True"));
        Assert.StartsWith("default/old-1 -> default/web-1 :8080 (3 connections, last ", Assert.Single(status.ClearTextClients), StringComparison.Ordinal);
        Assert.True(Is(status, ConditionTypes.StrictReady, "False"));
        Assert.Equal("1 pod", status.Scope);
    }

    [Fact]
    public async Task A_wrong_one_is_refused_with_the_field_and_what_to_do()
    {
        var wrong = Peers("wrong", "STRICT");
        wrong.Spec = wrong.Spec with { Selector = new WorkloadSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "w*" } } };
        var refused = await Assert.ThrowsAsync<ApiException>(() => _cluster.Api.CreateAsync(wrong));
        Assert.Contains("spec.selector.matchLabels", refused.Message, StringComparison.Ordinal);
        Assert.Contains("wildcard not allowed in label value match", refused.Message, StringComparison.Ordinal);
    }

    private static V1PeerAuthentication Peers(string name, string mode) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" },
        Spec = new PeerAuthenticationSpec
        {
            Selector = new WorkloadSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } },
            Mtls = new MutualTls { Mode = mode },
        },
    };

    private Task PatchStatusAsync(string pod, string address) => _cluster.Api.PatchAsync<V1Pod>(
        new EntityKey("default", pod), new { status = new { phase = "Running", podIP = address, podIPs = ImmutableArray.Create(new { ip = address }) } }, "status");

    private static bool Is(PeerAuthenticationStatus status, string type, string value) => status.Conditions.Any(c => c.Type == type && c.Status == value);

    private async Task<PeerAuthenticationStatus> StatusAsync(string name, Func<PeerAuthenticationStatus, bool> wanted) =>
        (await Eventually.Is(async () => (await _cluster.Api.GetAsync<V1PeerAuthentication>(name, "default"))?.Status, s => s is not null && wanted(s), $"status of {name}", TimeSpan.FromSeconds(40)))!;
}
