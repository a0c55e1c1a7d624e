using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;
using Mesh.Testing;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Kinds made by CustomResourceDefinitions: schema, defaults, pruning, rules, versions, status, apply, columns.</summary>
public sealed class CustomResourceTests(ServerPool servers) : Behaviour(servers)
{
    private string Group => Name + ".example.com";

    private string Things => $"/apis/{Group}/v1/namespaces/{Name}/things";

    [Theory, OnEveryServer]
    public async Task A_definition_is_established_served_and_discovered(ServerKind on)
    {
        await DefineAsync(on);
        await Eventually.True(
            async () =>
            {
                var definition = await Api.MustAsync("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things." + Group);
                var conditions = definition["status"]!["conditions"]!.AsArray().ToDictionary(c => c!["type"]!.ToString(), c => c!["status"]!.ToString());
                return (conditions["NamesAccepted"], conditions["Established"]) == ("True", "True");
            },
            "it is established");
        var found = await Api.MustAsync("GET", $"/apis/{Group}/v1");
        var thing = found["resources"]!.AsArray().Single(resource => resource!["name"]!.ToString() == "things")!;
        Assert.Equal(("Thing", "thing", true), (thing["kind"]!.ToString(), thing["singularName"]!.ToString(), thing["namespaced"]!.GetValue<bool>()));
        Assert.Equal("th", Assert.Single(thing["shortNames"]!.AsArray())!.ToString());
        Assert.Contains("things/status", found["resources"]!.AsArray().Select(resource => resource!["name"]!.ToString()));
    }

    [Theory, OnEveryServer]
    public async Task Defaults_are_filled_in_and_unknown_fields_dropped(ServerKind on)
    {
        await DefineAsync(on);
        var answer = await Api.SendAsync("POST", Things, Thing("a", """{"hosts":["a"],"bogus":1}"""));
        Assert.Equal(["299 - \"unknown field \\\"spec.bogus\\\"\""], answer.Warnings);
        Assert.Equal("""{"hosts":["a"],"min":0,"mode":"A"}""", Ordered(answer.Json["spec"]!));
        Assert.Equal(1, answer.Json["metadata"]!["generation"]!.GetValue<int>());
    }

    [Theory]
    [OnEveryServer("""{}""", "FieldValueRequired spec.hosts: Required value")]
    [OnEveryServer("""{"hosts":[]}""", "FieldValueInvalid spec.hosts: Invalid value: 0: spec.hosts in body should have at least 1 items")]
    [OnEveryServer("""{"hosts":["X"]}""", "FieldValueInvalid spec.hosts[0]: Invalid value: \"X\": spec.hosts[0] in body should match '^[a-z.]+$'")]
    [OnEveryServer("""{"hosts":["a"],"mode":"C"}""", "FieldValueNotSupported spec.mode: Unsupported value: \"C\": supported values: \"A\", \"B\"")]
    [OnEveryServer("""{"hosts":["a"],"min":"1"}""", "FieldValueTypeInvalid spec.min: Invalid value: \"string\": spec.min in body must be of type integer: \"string\"")]
    [OnEveryServer("""{"hosts":["a","a"]}""", "FieldValueDuplicate spec.hosts[1]: Duplicate value: \"a\"")]
    public async Task An_invalid_object_is_refused_with_its_field(ServerKind on, string spec, string cause)
    {
        await DefineAsync(on);
        var refused = await Api.SendAsync("POST", Things, Thing("bad", spec));
        Assert.Equal((422, "Invalid"), (refused.Status, refused.Reason));
        Assert.Contains(cause, refused.Causes);
        Assert.Equal(("Thing", Group), (refused.Json["details"]!["kind"]!.ToString(), refused.Json["details"]!["group"]!.ToString()));
    }

    [Theory, OnEveryServer]
    public async Task Rules_see_the_value_and_the_one_before(ServerKind on)
    {
        await DefineAsync(on);
        // What stands between field and message differs from release to release.
        var crossed = Assert.Single((await Api.SendAsync("POST", Things, Thing("bad", """{"hosts":["a"],"min":5,"max":1}"""))).Causes);
        Assert.Matches("^FieldValueInvalid spec: Invalid value: .*min exceeds max$", crossed);
        await Api.MustAsync("POST", Things, Thing("a", """{"hosts":["a"],"once":"x"}"""));
        var changed = await Api.SendAsync("PATCH", Things + "/a", JsonNode.Parse("""{"spec":{"once":"y"}}"""), "application/merge-patch+json");
        Assert.Matches("^FieldValueInvalid spec.once: Invalid value: .*once is immutable$", Assert.Single(changed.Causes));
    }

    [Theory, OnEveryServer]
    public async Task A_replacement_names_the_revision_it_replaces(ServerKind on)
    {
        await DefineAsync(on);
        await Api.MustAsync("POST", Things, Thing("a", """{"hosts":["a"]}"""));
        var blind = await Api.SendAsync("PUT", Things + "/a", Thing("a", """{"hosts":["b"]}"""));
        Assert.Equal(422, blind.Status);
        Assert.Contains("metadata.resourceVersion: Invalid value: 0: must be specified for an update", blind.Message, StringComparison.Ordinal);
    }

    [Theory, OnEveryServer]
    public async Task Status_is_written_through_its_own_door_only(ServerKind on)
    {
        await DefineAsync(on);
        await Api.MustAsync("POST", Things, Thing("a", """{"hosts":["a"]}"""));
        var main = await Api.MergeAsync(Things + "/a", """{"spec":{"hosts":["b"]},"status":{"x":1}}""");
        Assert.Null(main["status"]);
        Assert.Equal(2, main["metadata"]!["generation"]!.GetValue<int>());
        var status = await Api.MergeAsync(Things + "/a/status", """{"spec":{"hosts":["c"]},"status":{"x":2}}""");
        Assert.Equal(("b", 2, 2), (status["spec"]!["hosts"]![0]!.ToString(), status["status"]!["x"]!.GetValue<int>(), status["metadata"]!["generation"]!.GetValue<int>()));
    }

    [Theory, OnEveryServer]
    public async Task Every_served_version_shows_the_same_object(ServerKind on)
    {
        await DefineAsync(on);
        var made = await Api.MustAsync("POST", Things, Thing("a", """{"hosts":["a"]}"""));
        var beta = await Api.MustAsync("GET", $"/apis/{Group}/v1beta1/namespaces/{Name}/things/a");
        Assert.Equal((Group + "/v1beta1", made["metadata"]!["uid"]!.ToString()), (beta["apiVersion"]!.ToString(), beta["metadata"]!["uid"]!.ToString()));
        Assert.Equal(404, (await Api.SendAsync("GET", $"/apis/{Group}/v1alpha1/namespaces/{Name}/things/a")).Status);
    }

    [Theory, OnEveryServer]
    public async Task Its_lists_are_merged_by_their_kind(ServerKind on)
    {
        await DefineAsync(on);
        async Task<Answer> ApplyAsync(string manager, string spec) => await Api.SendAsync(
            "PATCH", $"{Things}/a?fieldManager={manager}", rawBody: Thing("a", spec).ToJsonString(), contentType: "application/apply-patch+yaml");
        await ApplyAsync("one", """{"hosts":["a"],"rules":[{"name":"r","value":"1"}]}""");
        var both = await ApplyAsync("two", """{"hosts":["b"],"rules":[{"name":"s","value":"2"}]}""");
        Assert.Equal(["a", "b"], both.Json["spec"]!["hosts"]!.AsArray().Select(host => host!.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(["r", "s"], both.Json["spec"]!["rules"]!.AsArray().Select(rule => rule!["name"]!.ToString()).Order(StringComparer.Ordinal));
        var conflict = await ApplyAsync("two", """{"hosts":["b"],"rules":[{"name":"r","value":"3"}]}""");
        Assert.Equal([$"FieldManagerConflict .spec.rules[name=\"r\"].value: conflict with \"one\""], conflict.Causes);
    }

    [Theory, OnEveryServer]
    public async Task Its_columns_are_its_own(ServerKind on)
    {
        await DefineAsync(on);
        await Api.MustAsync("POST", Things, Thing("a", """{"hosts":["a"]}"""));
        var table = (await Api.SendAsync("GET", Things, accept: "application/json;as=Table;v=v1;g=meta.k8s.io")).Json;
        Assert.Equal(["Name", "Mode"], table["columnDefinitions"]!.AsArray().Select(column => column!["name"]!.ToString()));
        Assert.Equal(["a", "A"], table["rows"]![0]!["cells"]!.AsArray().Select(cell => cell!.ToString()));
    }

    [Theory, OnEveryServer]
    public async Task A_deleted_definition_takes_its_objects_along(ServerKind on)
    {
        await DefineAsync(on);
        await Api.MustAsync("POST", Things, Thing("a", """{"hosts":["a"]}"""));
        using var watch = await Api.WatchAsync(Things + "?watch=true");
        Assert.Equal("ADDED a", await watch.NextNameAsync());
        await Api.MustAsync("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things." + Group);
        Assert.Equal("DELETED a", await watch.NextNameAsync());
        await Eventually.True(async () => (await Api.SendAsync("GET", Things)).Status == 404, "the kind is gone", TimeSpan.FromSeconds(60));
    }

    [Theory, OnEveryServer]
    public async Task A_definition_that_is_not_structural_is_refused_with_its_path(ServerKind on)
    {
        await OnAsync(on);
        var broken = Definition();
        broken["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!["min"]!.AsObject().Remove("type");
        var refused = await Api.SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", broken);
        Assert.Equal(422, refused.Status);
        Assert.Contains("properties[min].type: Required value", refused.Message, StringComparison.Ordinal);
    }

    private async Task DefineAsync(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definition());
        RemoveAfterwards("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things." + Group);
        await Eventually.True(async () => (await Api.SendAsync("GET", Things)).Status == 200, "the kind is served");
        await Eventually.True(async () => (await Api.SendAsync("GET", $"/apis/{Group}/v1beta1/things")).Status == 200, "and its other version");
    }

    private JsonNode Definition()
    {
        var definition = JsonNode.Parse($$$"""
            {"metadata":{"name":"things.{{{Group}}}"},
             "spec":{"group":"{{{Group}}}","scope":"Namespaced","names":{"plural":"things","singular":"thing","kind":"Thing","listKind":"ThingList","shortNames":["th"]} } }
            """)!;
        definition["spec"]!["versions"] = new JsonArray(Version("v1", storage: true), Version("v1beta1", storage: false));
        return definition;
    }

    private static JsonNode Version(string name, bool storage)
    {
        var version = JsonNode.Parse("""
            {"served":true,"subresources":{"status":{}},"additionalPrinterColumns":[{"name":"Mode","type":"string","jsonPath":".spec.mode"}],
             "schema":{"openAPIV3Schema":{"type":"object","properties":{
              "spec":{"type":"object","required":["hosts"],
                "x-kubernetes-validations":[{"rule":"!has(self.max) || self.min <= self.max","message":"min exceeds max"}],
                "properties":{
                  "hosts":{"type":"array","minItems":1,"maxItems":8,"items":{"type":"string","pattern":"^[a-z.]+$"},"x-kubernetes-list-type":"set"},
                  "mode":{"type":"string","enum":["A","B"],"default":"A"},
                  "min":{"type":"integer","default":0},"max":{"type":"integer"},
                  "once":{"type":"string","maxLength":64,"x-kubernetes-validations":[{"rule":"self == oldSelf","message":"once is immutable"}]},
                  "rules":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
                    "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"value":{"type":"string"}}}}}},
              "status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}
            """)!;
        version["name"] = name;
        version["storage"] = storage;
        return version;
    }

    private JsonNode Thing(string name, string spec) =>
        JsonNode.Parse($$$"""{"apiVersion":"{{{Group}}}/v1","kind":"Thing","metadata":{"name":"{{{name}}}"},"spec":{{{spec}}} }""")!;

    private static string Ordered(JsonNode map) =>
        new JsonObject(map.AsObject().OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))).ToJsonString();
}
