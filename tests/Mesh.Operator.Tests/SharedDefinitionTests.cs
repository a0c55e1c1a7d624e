using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Tests.Control;
using Mesh.Testing;

namespace Mesh.Operator.Tests;

/// <summary>The operator on a cluster that has Istio's definitions: whose columns, whose conditions.</summary>
public sealed class SharedDefinitionTests : IAsyncLifetime
{
    private static readonly EntityKey Rule = new("default", "reviews");

    private EmbeddedCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync(AsIstios);
        await _cluster.Api.CreateAsync(Make.Service("reviews"));
        await _cluster.Api.CreateAsync(Make.Slice("reviews", "10.1.0.7"));
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Conditions_are_all_that_is_written_and_only_while_a_sidecar_of_ours_is_concerned()
    {
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews"));
        await TheirsAsync("Reconciled");
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));

        await Eventually.True(async () => (await TypesAsync()).Contains("Ready"), "our conditions stand");
        Assert.Equal(["Reconciled", "Accepted", "ResolvedRefs", "Programmed", "Ready"], await TypesAsync());
        Assert.Equal(["conditions"], (await StatusAsync()).Select(property => property.Key));

        await _cluster.Api.DeleteAsync<V1Pod>("client-1", "default", null, TestContext.Current.CancellationToken);
        await Eventually.True(async () => !(await TypesAsync()).Contains("Ready"), "our conditions are gone");
        Assert.Equal(["Reconciled"], await TypesAsync());
    }

    [Fact]
    public async Task A_rival_that_writes_all_the_time_loses_nothing_and_neither_do_we()
    {
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.MeshedPod("client-1", "client", "v1"));
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews"));
        using var rival = new CancellationTokenSource();
        var writes = RivalAsync(rival.Token);
        for (var timeout = 1; timeout <= 5; timeout++)
        {
            await _cluster.Api.PatchAsync<V1VirtualService>(Rule, new { spec = Make.VirtualService("reviews", "reviews", $"{timeout}s").Spec });
            var wanted = (await RawAsync())["metadata"]!["generation"]!.GetValue<long>();
            await Eventually.True(async () => Conditions(await RawAsync()).Any(one => (string?)one["type"] == "Ready" && (long?)one["observedGeneration"] == wanted), $"generation {wanted} is judged");
        }

        await rival.CancelAsync();
        var (last, conflicts) = await writes;
        var theirs = Assert.Single(Conditions(await RawAsync()), one => (string?)one["type"] == "Reconciled");
        // What the rival wrote last stands as it wrote it, a number in quotation marks too.
        Assert.Equal(($"{last}", $"{last}"), ((string?)theirs["message"], (string?)theirs["observedGeneration"]));
        Assert.True(last > 10, $"only {last} writes, {conflicts} conflicts");
        Assert.Equal(5, (await TypesAsync()).Distinct().Count());
    }

    [Fact]
    public async Task Definitions_that_change_hands_are_followed_both_ways()
    {
        await _cluster.StartOperatorAsync();
        // One that speaks: of a proxy that was not heard of yet the leader's first seconds tell nothing.
        await using var pods = new ControlFixture(_cluster);
        await pods.RunAsync("client-1", "client");
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews"));
        await Eventually.True(async () => (await TypesAsync()).Contains("Ready"), "our conditions stand");

        await LabelAsync("mesh");
        await Eventually.True(async () => (await StatusAsync()).ContainsKey("applied"), "the whole status is written");
        await LabelAsync("istio");
        await Eventually.True(async () => !(await StatusAsync()).ContainsKey("applied"), "only conditions are left");
        Assert.False((await StatusAsync()).ContainsKey("proxies"));
        Assert.Equal(["Accepted", "ResolvedRefs", "Programmed", "Ready"], await TypesAsync());
    }

    /// <summary>Istio's definitions as far as a status goes: no columns, conditions in a plain list, anything beside them.</summary>
    private static V1CustomResourceDefinition AsIstios(V1CustomResourceDefinition definition)
    {
        if (definition.Spec.Group == "mesh.dev") return definition;
        definition.Metadata.Labels = new Dictionary<string, string> { ["app"] = "istio-pilot", ["release"] = "istio" };
        foreach (var version in definition.Spec.Versions)
        {
            version.AdditionalPrinterColumns = null;
            version.Schema.OpenAPIV3Schema.Properties["status"] = KubernetesJson.Deserialize<V1JSONSchemaProps>("""
                {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {
                  "conditions": {"type": "array", "items": {"type": "object", "properties": {
                    "type": {"type": "string"}, "status": {"type": "string"}, "reason": {"type": "string"}, "message": {"type": "string"},
                    "lastProbeTime": {"type": "string", "format": "date-time"}, "lastTransitionTime": {"type": "string", "format": "date-time"},
                    "observedGeneration": {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": true}}}},
                  "observedGeneration": {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": true},
                  "validationMessages": {"type": "array", "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}
                """);
        }

        return definition;
    }

    private Task<V1CustomResourceDefinition> LabelAsync(string whole) => _cluster.Api.PatchAsync<V1CustomResourceDefinition>(
        new EntityKey("", "virtualservices.networking.istio.io"), new { metadata = new { labels = new Dictionary<string, string> { [MeshLabels.PartOf] = whole } } });

    /// <summary>As another mesh's controller does it: read, set its own condition, write all on the condition that nobody wrote meanwhile.</summary>
    private async Task<bool> TheirsAsync(string type, int number = 1)
    {
        var standing = await RawAsync();
        var conditions = new JsonArray([.. Conditions(standing).Where(one => (string?)one["type"] != type).Select(one => one.DeepClone())]);
        conditions.Insert(0, new JsonObject { ["type"] = type, ["status"] = "True", ["message"] = $"{number}", ["observedGeneration"] = $"{number}" });
        var body = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = standing["metadata"]!["resourceVersion"]!.DeepClone() }, ["status"] = new JsonObject { ["conditions"] = conditions } };
        try
        {
            await _cluster.Api.PatchAsync<V1VirtualService>(Rule, body.ToJsonString(), "status");
            return true;
        }
        catch (ApiException e) when (e.IsConflict)
        {
            return false;
        }
    }

    private async Task<(int Last, int Conflicts)> RivalAsync(CancellationToken cancellationToken)
    {
        var (last, conflicts) = (0, 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await TheirsAsync("Reconciled", last + 1)) last++;
            else conflicts++;
            await Task.Delay(5, CancellationToken.None);
        }

        return (last, conflicts);
    }

    private async Task<JsonObject> RawAsync() => (await _cluster.Api.GetRawAsync<V1VirtualService>(Rule))!;

    private async Task<JsonObject> StatusAsync() => (await RawAsync())["status"] as JsonObject ?? [];

    private async Task<List<string>> TypesAsync() => [.. Conditions(await RawAsync()).Select(one => (string)one["type"]!)];

    private static IEnumerable<JsonObject> Conditions(JsonObject rule) => (rule["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>();
}
