using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>Kinds made by CustomResourceDefinitions: schema, defaults, pruning, rules, status, versions, apply.</summary>
public sealed class CustomResourceTests : IAsyncLifetime
{
    private const string Things = "/apis/test.example.com/v1/namespaces/default/things";
    private ApiServerFixture server = null!;

    public async ValueTask InitializeAsync()
    {
        server = await ApiServerFixture.StartAsync();
        await server.DefineAsync(Definition("things", "Thing", JsonNode.Parse("""
            {"type":"object","properties":{
              "spec":{"type":"object","required":["hosts"],
                "x-kubernetes-validations":[{"rule":"!has(self.max) || self.min <= self.max","message":"min exceeds max"}],
                "properties":{
                  "hosts":{"type":"array","minItems":1,"items":{"type":"string","pattern":"^[a-z.]+$"},"x-kubernetes-list-type":"set"},
                  "mode":{"type":"string","enum":["A","B"],"default":"A"},
                  "min":{"type":"integer","default":0},"max":{"type":"integer"},
                  "timeout":{"type":"string","x-kubernetes-validations":[{"rule":"duration(self) >= duration('1ms')"}]},
                  "once":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf","message":"once is immutable"}]},
                  "rules":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
                    "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"value":{"type":"string"}}}}}},
              "status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}
            """)!));
    }

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(server.Faults);
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData("""{}""", "spec.hosts: Required value")]
    [InlineData("""{"hosts":[]}""", "spec.hosts: Invalid value: 0: spec.hosts in body should have at least 1 items")]
    [InlineData("""{"hosts":["X"]}""", "spec.hosts[0]: Invalid value: \"X\": spec.hosts[0] in body should match '^[a-z.]+$'")]
    [InlineData("""{"hosts":["a"],"mode":"C"}""", "spec.mode: Unsupported value: \"C\": supported values: \"A\", \"B\"")]
    [InlineData("""{"hosts":["a"],"min":"1"}""", "spec.min: Invalid value: \"string\": spec.min in body must be of type integer: \"string\"")]
    [InlineData("""{"hosts":["a"],"min":5,"max":1}""", "spec: Invalid value: min exceeds max")]
    [InlineData("""{"hosts":["a"],"timeout":"0s"}""", "spec.timeout: Invalid value: \"0s\": failed rule: duration(self) >= duration('1ms')")]
    [InlineData("""{"hosts":["a","a"]}""", "spec.hosts[1]: Duplicate value: \"a\"")]
    public async Task An_invalid_object_is_refused_with_its_field(string spec, string problem)
    {
        var answer = await server.SendAsync("POST", Things, Thing("bad", spec));
        Assert.Equal((422, "Invalid"), (answer.Status, answer.Reason));
        Assert.Contains(problem, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transition_rule_sees_the_old_value()
    {
        await server.MustAsync("POST", Things, Thing("a", """{"hosts":["a"],"once":"x"}"""));
        var changed = await server.SendAsync("PATCH", Things + "/a", JsonNode.Parse("""{"spec":{"once":"y"}}"""), "application/merge-patch+json");
        Assert.Contains("spec.once: Invalid value: \"y\": once is immutable", changed.Message, StringComparison.Ordinal);
        await server.MustAsync("PATCH", Things + "/a", JsonNode.Parse("""{"spec":{"once":null}}"""), "application/merge-patch+json");
    }

    [Fact]
    public async Task Apply_merges_by_key_and_refuses_what_another_owns()
    {
        async Task<ApiAnswer> Apply(string manager, string spec, string query = "") => await server.SendAsync(
            "PATCH", $"{Things}/a?fieldManager={manager}{query}", Thing("a", spec), "application/apply-patch+yaml");
        Assert.Equal(201, (await Apply("one", """{"hosts":["a"],"rules":[{"name":"r1","value":"1"}]}""")).Status);
        var second = await Apply("two", """{"hosts":["b"],"rules":[{"name":"r2","value":"2"}]}""");
        Assert.Equal(["a", "b"], second.Json["spec"]!["hosts"]!.AsArray().Select(host => host!.ToString()));
        Assert.Equal(["r1", "r2"], second.Json["spec"]!["rules"]!.AsArray().Select(rule => rule!["name"]!.ToString()));
        var conflict = await Apply("two", """{"hosts":["b"],"rules":[{"name":"r1","value":"9"}]}""");
        Assert.Equal(409, conflict.Status);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .spec.rules[name=\"r1\"].value", conflict.Message);
        var forced = await Apply("two", """{"hosts":["b"],"rules":[{"name":"r1","value":"9"}]}""", "&force=true");
        Assert.Equal("9", forced.Json["spec"]!["rules"]![0]!["value"]!.ToString());
        Assert.Single(forced.Json["spec"]!["rules"]!.AsArray());
        var dropped = await Apply("two", "{}");
        Assert.Equal(["a"], dropped.Json["spec"]!["hosts"]!.AsArray().Select(host => host!.ToString()));
    }

    [Theory]
    [InlineData("self.nope(", "compilation failed")]
    [InlineData("other == 1", "undeclared reference to 'other'")]
    [InlineData("self.all(x, ip(x))", "undeclared reference to 'ip'")]
    public async Task A_rule_that_cannot_be_kept_refuses_the_definition(string rule, string problem)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["x-kubernetes-validations"] = new JsonArray(new JsonObject { ["rule"] = rule }),
        };
        var answer = await server.SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definition("others", "Other", schema));
        Assert.Equal(422, answer.Status);
        Assert.Contains(problem, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_its_definition_a_kind_and_its_objects_go()
    {
        await server.MustAsync("POST", Things, Thing("a", """{"hosts":["a"]}"""));
        await server.MustAsync("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.test.example.com");
        await Eventually.True(async () => (await server.SendAsync("GET", Things)).Text == "404 page not found\n", "the kind is gone");
    }

    [Fact]
    public async Task What_was_stored_under_another_schema_is_read_by_the_present_one_and_stays_stored_until_it_is_written()
    {
        const string definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.test.example.com";
        const string field = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/";
        await server.MustAsync("POST", Things, Thing("a", """{"hosts":["a"],"timeout":"1s"}"""));
        var before = await server.MustAsync("GET", Things + "/a");

        await Patch($$"""[{"op":"remove","path":"{{field}}timeout"},{"op":"add","path":"{{field}}extra","value":{"type":"string","default":"new"} }]""");
        var hidden = await server.MustAsync("GET", Things + "/a");
        Assert.Null(hidden["spec"]!["timeout"]);
        Assert.Equal("new", hidden["spec"]!["extra"]!.ToString());
        Assert.Equal(before["metadata"]!["resourceVersion"]!.ToString(), hidden["metadata"]!["resourceVersion"]!.ToString());
        Assert.Null((await server.MustAsync("GET", Things))["items"]![0]!["spec"]!["timeout"]);

        await Patch($$"""[{"op":"add","path":"{{field}}timeout","value":{"type":"string"} }]""");
        Assert.Equal("1s", (await server.MustAsync("GET", Things + "/a"))["spec"]!["timeout"]!.ToString());
        await Patch($$"""[{"op":"remove","path":"{{field}}timeout"}]""");
        // A write of anything stores what is read.
        await server.MustAsync("PATCH", Things + "/a/status", JsonNode.Parse("""{"status":{"seen":true}}"""), "application/merge-patch+json");
        await Patch($$"""[{"op":"add","path":"{{field}}timeout","value":{"type":"string"} }]""");
        Assert.Null((await server.MustAsync("GET", Things + "/a"))["spec"]!["timeout"]);

        Task<JsonNode> Patch(string patch) => server.MustAsync("PATCH", definition, JsonNode.Parse(patch), "application/json-patch+json");
    }

    public static JsonNode Definition(string plural, string kind, JsonNode schema) => new JsonObject
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = plural + ".test.example.com" },
        ["spec"] = new JsonObject
        {
            ["group"] = "test.example.com",
            ["scope"] = "Namespaced",
            ["names"] = new JsonObject { ["plural"] = plural, ["kind"] = kind, ["shortNames"] = new JsonArray(plural[..2]) },
            ["versions"] = new JsonArray(Version("v1", true, schema), Version("v1beta1", false, schema)),
        },
    };

    private static JsonNode Version(string name, bool storage, JsonNode schema) => new JsonObject
    {
        ["name"] = name,
        ["served"] = true,
        ["storage"] = storage,
        ["schema"] = new JsonObject { ["openAPIV3Schema"] = schema.DeepClone() },
        ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
        ["additionalPrinterColumns"] = new JsonArray(
            JsonNode.Parse("""{"name":"Hosts","type":"string","jsonPath":".spec.hosts"}"""),
            JsonNode.Parse("""{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type=='Ready')].status"}""")),
    };

    private static JsonObject Thing(string name, string spec) => new()
    {
        ["apiVersion"] = "test.example.com/v1",
        ["kind"] = "Thing",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = JsonNode.Parse(spec),
    };
}
