using Mesh.ApiServer.Conformance.Tests.Servers;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Watches: what they begin with, what they tell, how they end. The selector keeps out what controllers make.</summary>
public sealed class WatchTests(ServerPool servers) : Behaviour(servers)
{
    private string Watch(string query = "") => $"{Maps}?watch=true&labelSelector=app%3Dx{query}";

    [Theory, OnEveryServer]
    public async Task Every_change_from_a_revision_on_is_told_in_order(ServerKind on)
    {
        await OnAsync(on);
        var list = await Api.MustAsync("GET", Maps);
        using var watch = await Api.WatchAsync(Watch($"&resourceVersion={Revision(list)}"));
        await Api.MustAsync("POST", Maps, Map("w", "1", "x"));
        await Api.MustAsync("PUT", Maps + "/w", Map("w", "2", "x"));
        var deletion = Revision(await Api.MustAsync("GET", Maps + "/w"));
        await Api.MustAsync("DELETE", Maps + "/w");
        var revision = Revision(list);
        foreach (var (type, value) in ((string, string)[])[("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")])
        {
            var happened = (await watch.NextAsync())!;
            Assert.Equal((type, value), (happened["type"]!.ToString(), happened["object"]!["data"]!["k"]!.ToString()));
            Assert.True(Revision(happened["object"]!) > revision);
            revision = Revision(happened["object"]!);
        }

        // A deletion is a write of its own.
        Assert.True(revision > deletion);
    }

    [Theory, OnEveryServer]
    public async Task Without_a_revision_it_begins_with_what_there_is(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, Map("b", app: "x"));
        await Api.MustAsync("POST", Maps, Map("a", app: "x"));
        using var watch = await Api.WatchAsync(Watch());
        var first = new[] { await watch.NextNameAsync(), await watch.NextNameAsync() };
        Assert.Equal(["ADDED a", "ADDED b"], first.Order(StringComparer.Ordinal));
    }

    [Theory, OnEveryServer]
    public async Task Leaving_a_selector_is_a_deletion_and_entering_it_an_addition(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, Map("w", "1", "x"));
        using var watch = await Api.WatchAsync(Watch());
        Assert.Equal("ADDED w", await watch.NextNameAsync());
        await Api.MustAsync("PUT", Maps + "/w", Map("w", "2", "y"));
        var gone = (await watch.NextAsync())!;
        // As it was when it was last seen.
        Assert.Equal(("DELETED", "1"), (gone["type"]!.ToString(), gone["object"]!["data"]!["k"]!.ToString()));
        await Api.MustAsync("PUT", Maps + "/w", Map("w", "3", "x"));
        Assert.Equal("ADDED w", await watch.NextNameAsync());
    }

    [Theory, OnEveryServer]
    public async Task Initial_events_end_with_a_marked_bookmark(ServerKind on)
    {
        await OnAsync(on);
        await Api.MustAsync("POST", Maps, Map("w", app: "x"));
        using var watch = await Api.WatchAsync(Watch("&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"));
        Assert.Equal("ADDED w", await watch.NextNameAsync());
        var end = (await watch.NextAsync())!;
        Assert.Equal(("BOOKMARK", "true"), (end["type"]!.ToString(), end["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!.ToString()));
        await Api.MustAsync("POST", Maps, Map("later", app: "x"));
        Assert.Equal("ADDED later", await watch.NextNameAsync());
    }

    [Theory]
    [OnEveryServer("&sendInitialEvents=true", 422)]
    [OnEveryServer("&resourceVersionMatch=NotOlderThan&resourceVersion=1", 422)]
    public async Task What_a_watch_cannot_mean_is_refused(ServerKind on, string query, int code)
    {
        await OnAsync(on);
        using var watch = await Api.WatchAsync(Watch(query));
        Assert.Equal(code, watch.Status);
    }

    [Theory, OnEveryServer]
    public async Task It_ends_in_peace_when_its_time_is_over(ServerKind on)
    {
        await OnAsync(on);
        using var watch = await Api.WatchAsync(Watch("&timeoutSeconds=1"));
        Assert.Equal(200, watch.Status);
        while (await watch.NextAsync() is { } happened) Assert.Equal("BOOKMARK", happened["type"]!.ToString());
    }

    [Theory, OnEveryServer]
    public async Task One_object_is_watched_by_its_name(ServerKind on)
    {
        await OnAsync(on);
        using var watch = await Api.WatchAsync($"{Maps}?watch=true&fieldSelector=metadata.name%3Dmine");
        await Api.MustAsync("POST", Maps, Map("other"));
        await Api.MustAsync("POST", Maps, Map("mine"));
        Assert.Equal("ADDED mine", await watch.NextNameAsync());
    }

    [Theory, OnEveryServer]
    public async Task A_watch_of_metadata_tells_no_more(ServerKind on)
    {
        await OnAsync(on);
        using var watch = await Api.WatchAsync(Watch(), "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io");
        await Api.MustAsync("POST", Maps, Map("w", app: "x"));
        var happened = (await watch.NextAsync())!;
        Assert.Equal(("ADDED", "PartialObjectMetadata"), (happened["type"]!.ToString(), happened["object"]!["kind"]!.ToString()));
        Assert.Null(happened["object"]!["data"]);
    }

    [Theory, OnEveryServer]
    public async Task Watchers_that_do_not_read_stall_nobody(ServerKind on)
    {
        await OnAsync(on);
        var idle = new List<EventStream>();
        for (var i = 0; i < 20; i++) idle.Add(await Api.WatchAsync(Watch()));
        var big = new string('x', 100_000);
        for (var i = 0; i < 30; i++) await Api.MustAsync("POST", Maps, Map("big" + i, big, "x"));
        idle.ForEach(watch => watch.Dispose());
    }
}
