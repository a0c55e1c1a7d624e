using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Api.Networking;
using Mesh.Testing;

namespace Mesh.Operator.Tests.Lifecycle;

/// <summary>Newer definitions over objects that exist, and the older ones again.</summary>
public sealed class DefinitionUpgradeTests : LifecycleStage
{
    private const string Name = "virtualservices.networking.istio.io";
    private static readonly EntityKey Definition = new("", Name);
    private static readonly EntityKey Rule = new("default", "reviews");

    [Fact]
    public async Task A_field_and_a_version_more_and_back_cost_no_object_no_known_field_and_no_status()
    {
        await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await ObeysAsync(sidecar, "client-1", "\"7s\"");
        await ReadyAsync("reviews");
        var older = (await _cluster.Api.GetAsync<V1CustomResourceDefinition>(Name))!;
        var before = await RawAsync();

        await ReplaceAsync(Newer);
        Assert.True(JsonNode.DeepEquals(before, await RawAsync()));
        // What only the newer ones know, in a rule that exists and by a version that only they have.
        await _cluster.Api.PatchAsync<V1VirtualService>(Rule, """{"spec":{"tomorrow":"yes","http":[{"timeout":"8s","route":[{"destination":{"host":"reviews"}}]}]}}""");
        await ObeysAsync(sidecar, "client-1", "\"8s\"");
        Assert.Equal("yes", (string?)(await RawAsync())["spec"]!["tomorrow"]);
        Assert.Equal(["8s"], (await _cluster.Api.ListAsync<TomorrowsVirtualService>("default")).Select(rule => rule.Spec.Http[0].Timeout?.ToString()));
        await SettledAsync(generation: 2);

        await ReplaceAsync(definition => definition.Spec = older.Spec);
        var back = await RawAsync();
        Assert.Null(back["spec"]!["tomorrow"]);
        Assert.Equal("8s", (string?)back["spec"]!["http"]![0]!["timeout"]);
        Assert.True(JsonNode.DeepEquals((await SettledAsync(generation: 2))["status"], back["status"]));
        await ChangeAsync("reviews", "9s");
        await ObeysAsync(sidecar, "client-1", "\"9s\"");
        await SettledAsync(generation: 3);
        Assert.Equal((string?)before["metadata"]!["uid"], (string?)(await RawAsync())["metadata"]!["uid"]);
    }

    [Fact]
    public async Task What_definitions_hide_acts_no_more_and_what_they_fill_in_acts_though_no_rule_was_written()
    {
        await _cluster.StartOperatorAsync();
        var (_, sidecar) = await _pods.RunAsync("client-1", "client");
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        await ObeysAsync(sidecar, "client-1", "\"7s\"");
        await ReadyAsync("reviews");
        await ReplaceAsync(definition => Routes(definition, properties => properties.Remove("timeout")));
        Assert.Null((await RawAsync())["spec"]!["http"]![0]!["timeout"]);
        await Eventually.True(
            async () => !(await _cluster.Api.GetAsync<V1ConfigMap>("mesh-client-1", "default"))!.Data["config.json"].Contains("\"7s\"", StringComparison.Ordinal), "the field acts no more");

        await ReplaceAsync(definition => Routes(definition, properties => properties["timeout"] = JsonNode.Parse("""{"type":"string","default":"6s"}""")));
        await ObeysAsync(sidecar, "client-1", "\"6s\"");
        Assert.Equal(1, (long?)(await SettledAsync(generation: 1))["metadata"]!["generation"]);
    }

    [Fact]
    public async Task Definitions_without_a_version_that_objects_were_stored_in_are_refused_and_nothing_changes()
    {
        await _cluster.StartOperatorAsync();
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "7s"));
        var older = (await _cluster.Api.GetAsync<V1CustomResourceDefinition>(Name))!;
        await ReplaceAsync(definition =>
        {
            Newer(definition);
            foreach (var one in definition.Spec.Versions) one.Storage = one.Name == "v2";
        });

        var refused = await Assert.ThrowsAsync<ApiException>(() => ReplaceAsync(definition => definition.Spec = older.Spec));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Code);
        Assert.Contains("v2 was previously a storage version", refused.Message);
        Assert.Equal("7s", (await _cluster.Api.GetAsync<V1VirtualService>("reviews", "default"))!.Spec.Http[0].Timeout?.ToString());

        // The way out, as the documentation has it: stored once more in a version that both know, and the list put right.
        await ReplaceAsync(definition =>
        {
            foreach (var one in definition.Spec.Versions) one.Storage = one.Name == "v1";
        });
        await _cluster.Api.UpdateAsync((await _cluster.Api.GetAsync<V1VirtualService>("reviews", "default"))!);
        await _cluster.Api.PatchAsync<V1CustomResourceDefinition>(Definition, """{"status":{"storedVersions":["v1"]}}""", "status");
        await ReplaceAsync(definition => definition.Spec = older.Spec);
        await _cluster.Api.DeleteAsync<V1VirtualService>("reviews", "default");
        await _cluster.Api.CreateAsync(Make.VirtualService("reviews", "reviews", "9s"));
        await Eventually.True(async () => (await _cluster.Api.GetAsync<V1VirtualService>("reviews", "default"))?.Status is not null, "what comes now is judged");
    }

    private static void Newer(V1CustomResourceDefinition definition)
    {
        var stored = definition.Spec.Versions.Single(version => version.Storage);
        definition.Spec.Versions.Add(KubernetesJson.Deserialize<V1CustomResourceDefinitionVersion>(KubernetesJson.Serialize(stored)));
        (definition.Spec.Versions[^1].Name, definition.Spec.Versions[^1].Storage) = ("v2", false);
        foreach (var version in definition.Spec.Versions)
        {
            version.Schema.OpenAPIV3Schema.Properties["spec"].Properties["tomorrow"] = new V1JSONSchemaProps { Type = "string" };
            version.Schema.OpenAPIV3Schema.Properties["status"].Properties["tomorrow"] = new V1JSONSchemaProps { Type = "string" };
        }
    }

    private static void Routes(V1CustomResourceDefinition definition, Action<JsonObject> change)
    {
        foreach (var version in definition.Spec.Versions)
        {
            var list = version.Schema.OpenAPIV3Schema.Properties["spec"].Properties["http"];
            var items = JsonNode.Parse(KubernetesJson.Serialize(list.Items))!;
            change(items["properties"]!.AsObject());
            list.Items = KubernetesJson.Deserialize<V1JSONSchemaProps>(items.ToJsonString());
        }
    }

    private async Task ReplaceAsync(Action<V1CustomResourceDefinition> change)
    {
        var definition = (await _cluster.Api.GetAsync<V1CustomResourceDefinition>(Name))!;
        change(definition);
        await _cluster.Api.UpdateAsync(definition);
    }

    private async Task<JsonObject> RawAsync() => (await _cluster.Api.GetRawAsync<V1VirtualService>(Rule))!;

    private Task<JsonObject> SettledAsync(long generation) => Eventually.Is(
        RawAsync, rule => (long?)rule["status"]?["observedGeneration"] == generation && (string?)rule["status"]!["applied"] == "1/1", $"generation {generation} is in force");

    /// <summary>The kind as the version that only the newer definitions have shows it.</summary>
    [KubernetesEntity(Group = "networking.istio.io", Kind = "VirtualService", ApiVersion = "v2", PluralName = "virtualservices")]
    private sealed class TomorrowsVirtualService : IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "";

        public string Kind { get; set; } = "";

        public V1ObjectMeta Metadata { get; set; } = new();

        public VirtualServiceSpec Spec { get; set; } = new();
    }
}
