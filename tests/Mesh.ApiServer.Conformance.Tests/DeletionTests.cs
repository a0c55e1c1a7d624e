using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;
using Mesh.Testing;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Deleting: finalizers, preconditions, owners, namespaces.</summary>
public sealed class DeletionTests(ServerPool servers) : Behaviour(servers)
{
    [Theory, OnEveryServer]
    public async Task An_object_with_a_finalizer_waits_for_it(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, JsonNode.Parse("""{"metadata":{"name":"f","finalizers":["example.com/f"]}}"""));
        var marked = await Api.MustAsync("DELETE", Maps + "/f");
        Assert.NotNull(marked["metadata"]!["deletionTimestamp"]);
        Assert.Equal(0, marked["metadata"]!["deletionGracePeriodSeconds"]!.GetValue<int>());
        var added = await Api.SendAsync("PATCH", Maps + "/f", JsonNode.Parse("""{"metadata":{"finalizers":["example.com/f","example.com/g"]}}"""), "application/merge-patch+json");
        Assert.Equal(422, added.Status);
        await Api.MergeAsync(Maps + "/f", """{"metadata":{"finalizers":null}}""");
        Assert.Equal(404, (await Api.SendAsync("GET", Maps + "/f")).Status);
    }

    [Theory, OnEveryServer]
    public async Task A_deletion_answers_what_went(ServerKind on)
    {
        await OnAsync(on);
        var made = await Api.MustAsync("POST", Maps, Map("a"));
        var gone = await Api.MustAsync("DELETE", Maps + "/a");
        Assert.Equal(("Status", "Success", "a", "configmaps", made["metadata"]!["uid"]!.ToString()), (
            gone["kind"]!.ToString(), gone["status"]!.ToString(), gone["details"]!["name"]!.ToString(), gone["details"]!["kind"]!.ToString(), gone["details"]!["uid"]!.ToString()));
    }

    [Theory, OnEveryServer]
    public async Task A_precondition_that_does_not_hold_keeps_the_object(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, Map("a"));
        var refused = await Api.SendAsync("DELETE", Maps + "/a", JsonNode.Parse($$$"""{"preconditions":{"uid":"{{{Guid.NewGuid()}}}"}}"""));
        Assert.Equal((409, "Conflict"), (refused.Status, refused.Reason));
        await Api.MustAsync("GET", Maps + "/a");
    }

    [Theory, OnEveryServer]
    public async Task A_collection_is_deleted_as_far_as_selected(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, Map("a", app: "x"));
        await Api.MustAsync("POST", Maps, Map("b", app: "y"));
        await Api.MustAsync("DELETE", Maps + "?labelSelector=app%3Dx");
        Assert.Equal(["b"], NamesOf(await Api.MustAsync("GET", Maps + "?labelSelector=app")));
    }

    [Theory]
    [OnEveryServer("Background", false)]
    [OnEveryServer("Foreground", false)]
    [OnEveryServer("Orphan", true)]
    public async Task What_an_owner_leaves_behind_goes_or_stays_as_asked(ServerKind on, string policy, bool stays)
    {
        await OnAsync(on);
        NeedsControllers();
        var owner = await Api.MustAsync("POST", Maps, Map("owner"));
        await Api.MustAsync("POST", Maps, JsonNode.Parse($$$"""
            {"metadata":{"name":"dependent","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"{{{owner["metadata"]!["uid"]}}}","blockOwnerDeletion":true}]}}
            """));
        await Api.MustAsync("DELETE", $"{Maps}/owner?propagationPolicy={policy}");
        await Eventually.True(async () => (await Api.SendAsync("GET", Maps + "/owner")).Status == 404, "the owner goes");
        if (stays)
            await Eventually.True(async () => (await Api.MustAsync("GET", Maps + "/dependent"))["metadata"]!["ownerReferences"] is null, "the reference is taken off");
        else
            await Eventually.True(async () => (await Api.SendAsync("GET", Maps + "/dependent")).Status == 404, "the dependent goes", TimeSpan.FromSeconds(60));
    }

    [Theory, OnEveryServer]
    public async Task A_deleted_namespace_empties_and_goes_and_takes_nothing_new(ServerKind on)
    {
        await OnAsync(on);
        NeedsControllers();
        await Api.MustAsync("POST", Maps, JsonNode.Parse("""{"metadata":{"name":"held","finalizers":["example.com/f"]}}"""));
        Assert.Equal("Terminating", (await Api.MustAsync("DELETE", "/api/v1/namespaces/" + Name))["status"]!["phase"]!.ToString());
        var late = await Api.SendAsync("POST", Maps, Map("late"));
        Assert.Equal((403, "NamespaceTerminating"), (late.Status, late.Json["details"]!["causes"]![0]!["reason"]!.ToString()));
        await Eventually.True(async () => (await Api.MustAsync("GET", Maps + "/held"))["metadata"]!["deletionTimestamp"] is not null, "content is deleted");
        await Api.MergeAsync(Maps + "/held", """{"metadata":{"finalizers":null}}""");
        await Eventually.True(async () => (await Api.SendAsync("GET", "/api/v1/namespaces/" + Name)).Status == 404, "the namespace goes", TimeSpan.FromSeconds(60));
    }

    [Theory, OnEveryServer]
    public async Task A_new_namespace_has_its_account_and_the_authority(ServerKind on)
    {
        await OnAsync(on);
        NeedsControllers();
        await AccountAsync();
        await Eventually.True(async () => (await Api.SendAsync("GET", Maps + "/kube-root-ca.crt")).Status == 200, "kube-root-ca.crt");
        Assert.Equal(Name, (await Api.MustAsync("GET", "/api/v1/namespaces/" + Name))["metadata"]!["labels"]!["kubernetes.io/metadata.name"]!.ToString());
    }
}
