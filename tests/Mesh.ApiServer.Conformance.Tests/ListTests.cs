using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Lists: order, pages, selectors, revisions and representations.</summary>
public sealed class ListTests(ServerPool servers) : Behaviour(servers)
{
    [Theory, OnEveryServer]
    public async Task A_list_in_pages_shows_the_state_of_its_first_page(ServerKind on)
    {
        await OnAsync(on);
        await MakeAsync("p3", "p1", "p2");
        var first = await Api.MustAsync("GET", Maps + "?limit=2&labelSelector=app%3Dx");
        await Api.MustAsync("POST", Maps, Map("p2a", app: "x"));
        var second = await Api.MustAsync("GET", $"{Maps}?limit=2&labelSelector=app%3Dx&continue={first["metadata"]!["continue"]}");
        Assert.Equal(["p1", "p2", "p3"], NamesOf(first).Concat(NamesOf(second)));
        Assert.Equal(Revision(first), Revision(second));
        Assert.Null(second["metadata"]!["continue"]);
    }

    [Theory, OnEveryServer]
    public async Task A_first_page_says_how_many_remain_where_nothing_is_selected(ServerKind on)
    {
        await OnAsync(on);
        foreach (var name in (string[])["a", "b", "c"]) await Api.MustAsync("POST", Core + "/secrets", JsonNode.Parse($$$"""{"metadata":{"name":"{{{name}}}"}}"""));
        var page = await Api.MustAsync("GET", Core + "/secrets?limit=1");
        Assert.Equal(2, page["metadata"]!["remainingItemCount"]!.GetValue<int>());
    }

    [Theory, OnEveryServer]
    public async Task A_broken_continue_token_is_a_bad_request(ServerKind on)
    {
        await OnAsync(on);
        var answer = await Api.SendAsync("GET", Maps + "?limit=1&continue=nonsense");
        Assert.Equal((400, "BadRequest"), (answer.Status, answer.Reason));
    }

    [Theory]
    [OnEveryServer("app=x", "a")]
    [OnEveryServer("app!=x,app", "b")]
    [OnEveryServer("app in (x, y)", "a,b")]
    [OnEveryServer("!app,only", "c")]
    [OnEveryServer("app notin (x),app", "b")]
    [OnEveryServer("only", "c")]
    public async Task Labels_select(ServerKind on, string selector, string expected)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, Map("a", app: "x"));
        await Api.MustAsync("POST", Maps, Map("b", app: "y"));
        await Api.MustAsync("POST", Maps, JsonNode.Parse("""{"metadata":{"name":"c","labels":{"only":"1"}}}"""));
        Assert.Equal(expected.Split(','), NamesOf(await Api.MustAsync("GET", Maps + "?labelSelector=" + Uri.EscapeDataString(selector))));
    }

    [Theory]
    [OnEveryServer("labelSelector=a%3D%3D%3Db")]
    [OnEveryServer("labelSelector=a%20in%20(")]
    [OnEveryServer("fieldSelector=data.k%3D1")]
    [OnEveryServer("resourceVersionMatch=Exact")]
    [OnEveryServer("resourceVersion=abc")]
    public async Task What_cannot_be_asked_is_a_bad_request(ServerKind on, string query)
    {
        await OnAsync(on);
        var answer = await Api.SendAsync("GET", $"{Maps}?{query}");
        Assert.True(answer.Status is 400 or 422, answer.ToString());
        Assert.Equal("Status", answer.Json["kind"]!.ToString());
    }

    [Theory, OnEveryServer]
    public async Task Fields_select_by_name(ServerKind on)
    {
        await OnAsync(on);
        await MakeAsync("a", "b");
        Assert.Equal(["b"], NamesOf(await Api.MustAsync("GET", Maps + "?fieldSelector=metadata.name%3Db")));
        Assert.DoesNotContain("b", NamesOf(await Api.MustAsync("GET", Maps + "?fieldSelector=metadata.name!%3Db")));
    }

    [Theory, OnEveryServer]
    public async Task An_exact_revision_shows_what_was(ServerKind on)
    {
        await OnAsync(on);
        var made = await Api.MustAsync("POST", Maps, Map("a", "old", "x"));
        await Api.MustAsync("PUT", Maps + "/a", Map("a", "new", "x"));
        var then = await Api.MustAsync("GET", $"{Maps}?labelSelector=app%3Dx&resourceVersionMatch=Exact&resourceVersion={Revision(made)}");
        Assert.Equal("old", then["items"]![0]!["data"]!["k"]!.ToString());
        var since = await Api.MustAsync("GET", $"{Maps}?labelSelector=app%3Dx&resourceVersionMatch=NotOlderThan&resourceVersion={Revision(made) + 1}");
        Assert.Equal("new", since["items"]![0]!["data"]!["k"]!.ToString());
    }

    [Theory, OnEveryServer]
    public async Task A_list_of_all_namespaces_holds_them_in_order(ServerKind on)
    {
        await OnAsync(on);
        await MakeAsync("b", "a");
        var items = (await Api.MustAsync("GET", "/api/v1/configmaps"))["items"]!.AsArray().Select(item => $"{item!["metadata"]!["namespace"]}/{item["metadata"]!["name"]}").ToList();
        Assert.Equal(items.Order(StringComparer.Ordinal), items);
        Assert.Contains(Name + "/a", items);
    }

    [Theory, OnEveryServer]
    public async Task A_table_has_columns_and_a_row_an_object(ServerKind on)
    {
        await OnAsync(on);
        await MakeAsync("a", "b");
        var table = (await Api.SendAsync("GET", Maps + "?labelSelector=app%3Dx", accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")).Json;
        Assert.Equal(("Table", "meta.k8s.io/v1"), (table["kind"]!.ToString(), table["apiVersion"]!.ToString()));
        Assert.Equal(["Name", "Data", "Age"], table["columnDefinitions"]!.AsArray().Select(column => column!["name"]!.ToString()));
        Assert.Equal(["a", "b"], table["rows"]!.AsArray().Select(row => row!["cells"]![0]!.ToString()));
        Assert.Equal("PartialObjectMetadata", table["rows"]![0]!["object"]!["kind"]!.ToString());
    }

    [Theory, OnEveryServer]
    public async Task Metadata_alone_can_be_asked_for(ServerKind on)
    {
        await OnAsync(on);
        await MakeAsync("a");
        var list = (await Api.SendAsync("GET", Maps + "?labelSelector=app%3Dx", accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")).Json;
        Assert.Equal("PartialObjectMetadataList", list["kind"]!.ToString());
        Assert.Null(list["items"]![0]!["data"]);
        var one = (await Api.SendAsync("GET", Maps + "/a", accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io")).Json;
        Assert.Equal(("PartialObjectMetadata", "a"), (one["kind"]!.ToString(), one["metadata"]!["name"]!.ToString()));
    }

    private async Task MakeAsync(params string[] names)
    {
        foreach (var name in names) await Api.MustAsync("POST", Maps, Map(name, app: "x"));
    }
}
