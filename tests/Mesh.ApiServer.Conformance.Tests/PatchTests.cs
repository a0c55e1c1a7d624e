using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>The three kinds of patches.</summary>
public sealed class PatchTests(ServerPool servers) : Behaviour(servers)
{
    [Theory, OnEveryServer]
    public async Task A_merge_patch_sets_and_null_removes(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, Map("a"));
        var patched = await Api.MergeAsync(Maps + "/a", """{"data":{"k":null,"l":"w"},"metadata":{"labels":{"x":"y"}}}""");
        Assert.Equal("""{"l":"w"}""", patched["data"]!.ToJsonString());
        Assert.Equal("y", patched["metadata"]!["labels"]!["x"]!.ToString());
    }

    [Theory, OnEveryServer]
    public async Task A_JSON_patch_does_its_steps_or_none(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, Map("a"));
        const string type = "application/json-patch+json";
        var patched = await Api.MustAsync("PATCH", Maps + "/a", JsonNode.Parse(
            """[{"op":"test","path":"/data/k","value":"v"},{"op":"add","path":"/data/l","value":"w"},{"op":"move","from":"/data/k","path":"/data/m"}]"""), type);
        Assert.Equal("""{"l":"w","m":"v"}""", patched["data"]!.ToJsonString());
        var failed = await Api.SendAsync("PATCH", Maps + "/a", JsonNode.Parse("""[{"op":"remove","path":"/data/l"},{"op":"test","path":"/data/m","value":"no"}]"""), type);
        Assert.Equal(422, failed.Status);
        Assert.Equal("w", (await Api.MustAsync("GET", Maps + "/a"))["data"]!["l"]!.ToString());
    }

    [Theory, OnEveryServer]
    public async Task A_strategic_patch_knows_lists_by_their_keys(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Deployments, Samples.Deployment("web", 0));
        const string type = "application/strategic-merge-patch+json";
        var added = await Api.MustAsync("PATCH", Deployments + "/web", JsonNode.Parse(
            """{"spec":{"template":{"spec":{"containers":[{"name":"d","image":"example.invalid/d"},{"name":"c","env":[{"name":"A","value":"1"}]}]}}}}"""), type);
        var containers = added["spec"]!["template"]!["spec"]!["containers"]!.AsArray();
        Assert.Equal(["c", "d"], containers.Select(c => c!["name"]!.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal("1", containers.Single(c => c!["name"]!.ToString() == "c")!["env"]![0]!["value"]!.ToString());
        var removed = await Api.MustAsync("PATCH", Deployments + "/web", JsonNode.Parse("""{"spec":{"template":{"spec":{"containers":[{"name":"d","$patch":"delete"}]}}}}"""), type);
        Assert.Equal("c", Assert.Single(removed["spec"]!["template"]!["spec"]!["containers"]!.AsArray())!["name"]!.ToString());
    }

    [Theory, OnEveryServer]
    public async Task A_patch_with_a_stale_revision_is_a_conflict(ServerKind on)
    {
        await OnAsync(on);
        var made = await Api.MustAsync("POST", Maps, Map("a"));
        await Api.MergeAsync(Maps + "/a", """{"data":{"k":"w"}}""");
        var stale = await Api.SendAsync("PATCH", Maps + "/a", JsonNode.Parse($$$"""{"metadata":{"resourceVersion":"{{{Revision(made)}}}"},"data":{"k":"x"}}"""), "application/merge-patch+json");
        Assert.Equal((409, "Conflict"), (stale.Status, stale.Reason));
    }

    [Theory, OnEveryServer]
    public async Task A_patch_of_no_known_kind_is_an_unsupported_type(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, Map("a"));
        Assert.Equal(415, (await Api.SendAsync("PATCH", Maps + "/a", new JsonObject(), "application/json")).Status);
    }

    [Theory, OnEveryServer]
    public async Task Who_and_what_an_object_is_does_not_change(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, Map("a"));
        foreach (var patch in new[] { """{"metadata":{"uid":"other"}}""", """{"metadata":{"name":"other"}}""" })
            Assert.True((await Api.SendAsync("PATCH", Maps + "/a", JsonNode.Parse(patch), "application/merge-patch+json")).Status is 400 or 409 or 422, patch);
    }
}
