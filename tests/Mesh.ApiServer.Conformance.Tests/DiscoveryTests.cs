using Mesh.ApiServer.Conformance.Tests.Servers;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>What a client can find out before it asks for anything.</summary>
public sealed class DiscoveryTests(ServerPool servers) : Behaviour(servers)
{
    [Theory, OnEveryServer]
    public async Task Groups_and_their_resources_are_listed(ServerKind on)
    {
        await OnAsync(on);
        var core = await Api.MustAsync("GET", "/api/v1");
        var pods = core["resources"]!.AsArray().Single(resource => resource!["name"]!.ToString() == "pods")!;
        Assert.Equal(("Pod", "pod", true), (pods["kind"]!.ToString(), pods["singularName"]!.ToString(), pods["namespaced"]!.GetValue<bool>()));
        Assert.Equal(["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], pods["verbs"]!.AsArray().Select(verb => verb!.ToString()));
        var groups = (await Api.MustAsync("GET", "/apis"))["groups"]!.AsArray().Select(group => group!["name"]!.ToString()).ToList();
        foreach (var group in (string[])["apps", "batch", "policy", "rbac.authorization.k8s.io", "discovery.k8s.io", "coordination.k8s.io", "events.k8s.io", "apiextensions.k8s.io"])
            Assert.Contains(group, groups);
    }

    [Theory, OnEveryServer]
    public async Task Everything_is_listed_at_once_for_who_asks_so(ServerKind on)
    {
        await OnAsync(on);
        var all = (await Api.SendAsync("GET", "/apis", accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")).Json;
        Assert.Equal("APIGroupDiscoveryList", all["kind"]!.ToString());
        var apps = all["items"]!.AsArray().Single(item => item!["metadata"]!["name"]!.ToString() == "apps")!;
        var deployments = apps["versions"]![0]!["resources"]!.AsArray().Single(resource => resource!["resource"]!.ToString() == "deployments")!;
        Assert.Equal(["scale", "status"], deployments["subresources"]!.AsArray().Select(sub => sub!["subresource"]!.ToString()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [OnEveryServer("/apis/nothing.example.com/v1/things")]
    [OnEveryServer("/nothing")]
    public async Task An_unknown_address_is_a_plain_404(ServerKind on, string path)
    {
        await OnAsync(on);
        var answer = await Api.SendAsync("GET", path);
        Assert.Equal((404, "404 page not found\n"), (answer.Status, answer.Text));
    }

    [Theory, OnEveryServer]
    public async Task Schemas_are_told_by_group(ServerKind on)
    {
        await OnAsync(on);
        var index = await Api.MustAsync("GET", "/openapi/v3");
        var apps = await Api.MustAsync("GET", index["paths"]!["apis/apps/v1"]!["serverRelativeURL"]!.ToString());
        Assert.Equal("object", apps["components"]!["schemas"]!["io.k8s.api.apps.v1.Deployment"]!["type"]!.ToString());
        Assert.NotNull(apps["paths"]!["/apis/apps/v1/namespaces/{namespace}/deployments"]!["post"]);
        var all = await Api.MustAsync("GET", "/openapi/v2");
        Assert.Equal("2.0", all["swagger"]!.ToString());
        Assert.NotNull(all["definitions"]!["io.k8s.api.core.v1.Pod"]);
    }

    [Theory]
    [OnEveryServer("/healthz")]
    [OnEveryServer("/livez")]
    [OnEveryServer("/readyz")]
    public async Task It_says_that_it_is_well(ServerKind on, string path)
    {
        await OnAsync(on);
        var answer = await Api.SendAsync("GET", path, accept: "*/*");
        Assert.Equal((200, "ok"), (answer.Status, answer.Text));
    }

    [Theory, OnEveryServer]
    public async Task A_method_that_a_resource_has_not_is_not_allowed(ServerKind on)
    {
        await OnAsync(on);
        var answer = await Api.SendAsync("POST", Maps + "/a", Map("a"));
        Assert.Equal((405, "MethodNotAllowed"), (answer.Status, answer.Reason));
    }
}
