using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer.Writes;

/// <summary>CustomResourceDefinitions that change, meet and go.</summary>
public sealed class DefinitionTests : IAsyncLifetime
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Things = "/apis/test.example.com/v1/namespaces/default/things";
    private ApiServerFixture server = null!;

    public async ValueTask InitializeAsync() => server = await ApiServerFixture.StartAsync();

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(server.Faults);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_changed_schema_holds_for_the_very_next_request()
    {
        await server.DefineAsync(Definition("things", "Thing"));
        for (var most = 1; most < 20; most++)
        {
            await server.MustAsync("PATCH", Definitions + "/things.test.example.com", Maximum(most), "application/json-patch+json");
            Assert.Equal(422, (await server.SendAsync("POST", Things, Thing("a", most + 1))).Status);
            Assert.Equal(201, (await server.SendAsync("POST", Things, Thing("b" + most, most))).Status);
        }
    }

    [Fact]
    public async Task What_a_narrower_schema_would_refuse_may_stay_as_it_was()
    {
        await server.DefineAsync(Definition("things", "Thing"));
        await server.MustAsync("POST", Things, Thing("a", 50));
        await server.MustAsync("PATCH", Definitions + "/things.test.example.com", Maximum(10), "application/json-patch+json");
        Assert.Equal(200, (await server.SendAsync("PATCH", Things + "/a", JsonNode.Parse("""{"metadata":{"labels":{"a":"b"}},"spec":{"note":"n"}}"""), "application/merge-patch+json")).Status);
        Assert.Equal(422, (await server.SendAsync("PATCH", Things + "/a", JsonNode.Parse("""{"spec":{"size":51}}"""), "application/merge-patch+json")).Status);
    }

    [Fact]
    public async Task A_name_that_another_has_is_given_when_it_is_free_again()
    {
        await server.DefineAsync(Definition("things", "Thing"));
        await server.MustAsync("POST", Definitions, Definition("matters", "Thing"));
        await Eventually.True(async () => await ConditionAsync("matters", "NamesAccepted") == "KindConflict", "the kind is taken");
        Assert.Equal("NotAccepted", await ConditionAsync("matters", "Established"));
        await server.MustAsync("DELETE", Definitions + "/things.test.example.com");
        await Eventually.True(async () => await ConditionAsync("matters", "Established") == "InitialNamesAccepted", "the kind is free");
    }

    [Fact]
    public async Task A_kind_that_is_going_takes_no_new_objects()
    {
        await server.DefineAsync(Definition("things", "Thing"));
        var held = Thing("held", 1);
        held["metadata"]!["finalizers"] = new JsonArray("example.com/held");
        await server.MustAsync("POST", Things, held);
        await server.MustAsync("DELETE", Definitions + "/things.test.example.com");
        var refused = await server.SendAsync("POST", Things, Thing("late", 1));
        Assert.Equal(403, refused.Status);
        Assert.Equal("things.test.example.com \"late\" is forbidden: create not allowed while custom resource definition is terminating", refused.Message);
        await Eventually.True(async () => (await server.SendAsync("GET", Things + "/held")).Json["metadata"]!["deletionTimestamp"] is not null, "it is asked to go");
        await server.MustAsync("PATCH", Things + "/held", JsonNode.Parse("""{"metadata":{"finalizers":null}}"""), "application/merge-patch+json");
        await Eventually.True(async () => (await server.SendAsync("GET", Definitions + "/things.test.example.com")).Status == 404, "the definition is gone");
        await Eventually.True(async () => (await server.SendAsync("GET", Things)).Status == 404, "the kind is gone with it");
    }

    [Fact]
    public async Task Every_definition_of_the_mesh_is_taken_without_a_warning()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.Path("crds"), "*.istio.io.yaml"))
        {
            var answer = await server.SendAsync("POST", Definitions + "?fieldValidation=Strict", rawBody: await File.ReadAllTextAsync(file), contentType: "application/yaml");
            Assert.True(answer.Status == 201 && answer.Warnings.Count == 0, $"{file}: {answer.Status} {answer.Text} {string.Join(", ", answer.Warnings)}");
        }
    }

    private async Task<string?> ConditionAsync(string plural, string type) => (await server.MustAsync("GET", $"{Definitions}/{plural}.test.example.com"))["status"]?["conditions"]?
        .AsArray().FirstOrDefault(one => one!["type"]!.GetValue<string>() == type)?["reason"]?.GetValue<string>();

    private static JsonArray Maximum(int most) => new(new JsonObject
    {
        ["op"] = "add",
        ["path"] = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/maximum",
        ["value"] = most,
    });

    private static JsonObject Thing(string name, int size) => (JsonObject)JsonNode.Parse(
        $$"""{"apiVersion":"test.example.com/v1","kind":"Thing","metadata":{"name":"{{name}}"},"spec":{"size":{{size}} } }""")!;

    private static JsonObject Definition(string plural, string kind) => (JsonObject)JsonNode.Parse($$"""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{plural}}.test.example.com"},
         "spec":{"group":"test.example.com","scope":"Namespaced","names":{"plural":"{{plural}}","singular":"{{plural}}one","listKind":"{{plural}}List","kind":"{{kind}}"},
         "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{
           "spec":{"type":"object","properties":{"size":{"type":"integer"},"note":{"type":"string"} } } } } } }]} }
        """)!;
}
