using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Server-side apply: who owns which field, and what happens when two want the same.</summary>
public sealed class ApplyTests(ServerPool servers) : Behaviour(servers)
{
    [Theory, OnEveryServer]
    public async Task It_creates_and_then_changes_nothing(ServerKind on)
    {
        await OnAsync(on);
        var first = await ApplyAsync("one", """{"data":{"k":"v"}}""");
        Assert.Equal(201, first.Status);
        var again = await ApplyAsync("one", """{"data":{"k":"v"}}""");
        Assert.Equal((200, Revision(first.Json)), (again.Status, Revision(again.Json)));
        var entry = Assert.Single(again.Json["metadata"]!["managedFields"]!.AsArray())!;
        Assert.Equal(("one", "Apply"), (entry["manager"]!.ToString(), entry["operation"]!.ToString()));
        Assert.Equal("""{"f:data":{"f:k":{}}}""", entry["fieldsV1"]!.ToJsonString());
    }

    [Theory, OnEveryServer]
    public async Task What_another_owns_is_a_conflict_until_forced(ServerKind on)
    {
        await OnAsync(on);
        await ApplyAsync("one", """{"data":{"k":"v"}}""");
        var conflict = await ApplyAsync("two", """{"data":{"k":"w"}}""");
        Assert.Equal((409, "Conflict"), (conflict.Status, conflict.Reason));
        Assert.Equal(["FieldManagerConflict .data.k: conflict with \"one\""], conflict.Causes);
        var forced = await ApplyAsync("two", """{"data":{"k":"w"}}""", "&force=true");
        Assert.Equal("w", forced.Json["data"]!["k"]!.ToString());
        Assert.Equal(["two"], forced.Json["metadata"]!["managedFields"]!.AsArray().Select(entry => entry!["manager"]!.ToString()));
    }

    [Theory, OnEveryServer]
    public async Task The_same_value_is_owned_by_both_and_goes_when_the_last_lets_go(ServerKind on)
    {
        await OnAsync(on);
        await ApplyAsync("one", """{"data":{"k":"v","own":"1"}}""");
        await ApplyAsync("two", """{"data":{"k":"v","other":"2"}}""");
        Assert.Equal("""{"k":"v","other":"2","own":"1"}""", Sorted((await ApplyAsync("one", """{"data":{"own":"1"}}""")).Json["data"]!));
        Assert.Equal("""{"other":"2","own":"1"}""", Sorted((await ApplyAsync("two", """{"data":{"other":"2"}}""")).Json["data"]!));
    }

    [Theory, OnEveryServer]
    public async Task Lists_are_owned_entry_by_entry(ServerKind on)
    {
        await OnAsync(on);
        const string first = """{"spec":{"ports":[{"name":"a","port":80}],"selector":{"app":"x"}}}""";
        await ApplyAsync("one", first, path: Core + "/services", kind: "Service");
        var both = await ApplyAsync("two", """{"spec":{"ports":[{"name":"b","port":81}]}}""", path: Core + "/services", kind: "Service");
        Assert.Equal(["a", "b"], both.Json["spec"]!["ports"]!.AsArray().Select(port => port!["name"]!.ToString()).Order(StringComparer.Ordinal));
        var less = await ApplyAsync("two", """{"spec":{}}""", path: Core + "/services", kind: "Service");
        Assert.Equal("a", Assert.Single(less.Json["spec"]!["ports"]!.AsArray())!["name"]!.ToString());
    }

    [Theory, OnEveryServer]
    public async Task A_plain_write_takes_what_it_changes(ServerKind on)
    {
        await OnAsync(on);
        await ApplyAsync("one", """{"data":{"k":"v"}}""");
        await Api.MergeAsync(Maps + "/a?fieldManager=editor", """{"data":{"k":"w"}}""");
        var conflict = await ApplyAsync("one", """{"data":{"k":"v"}}""");
        Assert.Equal(["FieldManagerConflict .data.k: conflict with \"editor\" using v1"], conflict.Causes);
    }

    [Theory, OnEveryServer]
    public async Task It_asks_who_applies(ServerKind on)
    {
        await OnAsync(on);
        var answer = await Api.SendAsync("PATCH", Maps + "/a", rawBody: """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}""", contentType: "application/apply-patch+yaml");
        Assert.True(answer.Status is 400 or 422, answer.ToString());
        Assert.Contains("fieldManager", answer.Message, StringComparison.Ordinal);
    }

    [Theory, OnEveryServer]
    public async Task Defaults_are_nobodys(ServerKind on)
    {
        await OnAsync(on);
        var bare = Samples.Deployment("web", 0);
        bare["spec"]!.AsObject().Remove("replicas");
        await ApplyAsync("one", bare.ToJsonString(), path: Deployments, kind: "Deployment", version: "apps/v1", name: "web");
        var scaled = await ApplyAsync("two", """{"spec":{"replicas":0}}""", path: Deployments, kind: "Deployment", version: "apps/v1", name: "web");
        Assert.Equal((200, 0), (scaled.Status, scaled.Json["spec"]!["replicas"]!.GetValue<int>()));
    }

    private Task<Answer> ApplyAsync(string manager, string body, string query = "", string? path = null, string kind = "ConfigMap", string version = "v1", string name = "a")
    {
        var whole = JsonNode.Parse(body)!;
        whole["apiVersion"] = version;
        whole["kind"] = kind;
        whole["metadata"] = new JsonObject { ["name"] = name };
        return Api.SendAsync("PATCH", $"{path ?? Maps}/{name}?fieldManager={manager}{query}", rawBody: whole.ToJsonString(), contentType: "application/apply-patch+yaml");
    }

    private static string Sorted(JsonNode map) =>
        new JsonObject(map.AsObject().OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))).ToJsonString();
}
