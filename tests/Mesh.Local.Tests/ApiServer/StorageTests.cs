using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>Objects, lists and watches, as any client sees them.</summary>
public sealed class StorageTests : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private ApiServerFixture server = null!;

    public async ValueTask InitializeAsync() => server = await ApiServerFixture.StartAsync();

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(server.Faults);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_stale_write_is_refused_and_a_current_one_stands()
    {
        var made = await server.MustAsync("POST", Maps, Map("a", "1"));
        await server.MustAsync("PUT", Maps + "/a", Map("a", "2"));
        made["data"]!["k"] = "3";
        var stale = await server.SendAsync("PUT", Maps + "/a", made);
        Assert.Equal((409, "Conflict"), (stale.Status, stale.Reason));
        Assert.Equal("Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again", stale.Message);
    }

    [Fact]
    public async Task Replacing_by_the_same_writes_nothing()
    {
        var made = await server.MustAsync("POST", Maps, Map("a", "1"));
        var again = await server.MustAsync("PUT", Maps + "/a", made);
        Assert.Equal(made["metadata"]!["resourceVersion"]!.ToString(), again["metadata"]!["resourceVersion"]!.ToString());
    }

    [Fact]
    public async Task A_list_in_pages_shows_the_state_of_its_first_page()
    {
        foreach (var name in (string[])["p1", "p2", "p3"])
            await server.MustAsync("POST", Maps, Map(name, "1", "paged"));
        var first = await server.MustAsync("GET", Maps + "?limit=2&labelSelector=app%3Dpaged");
        await server.MustAsync("POST", Maps, Map("p2a", "1", "paged"));
        var next = first["metadata"]!["continue"]!.GetValue<string>();
        var second = await server.MustAsync("GET", Maps + "?limit=2&labelSelector=app%3Dpaged&continue=" + next);
        Assert.Equal(["p1", "p2", "p3"], Names(first).Concat(Names(second)));
        Assert.Equal(first["metadata"]!["resourceVersion"]!.ToString(), second["metadata"]!["resourceVersion"]!.ToString());
        Assert.Null(second["metadata"]!["continue"]);
    }

    [Theory]
    [InlineData("app=x", "a")]
    [InlineData("app!=x,app", "b")]
    [InlineData("app in (x, y)", "a,b")]
    [InlineData("!app,only", "c")]
    [InlineData("app notin (x),app", "b")]
    public async Task Label_selectors_select(string selector, string expected)
    {
        await server.MustAsync("POST", Maps, Map("a", "1", "x"));
        await server.MustAsync("POST", Maps, Map("b", "1", "y"));
        var third = Map("c", "1");
        third["metadata"]!["labels"] = new JsonObject { ["only"] = "1" };
        await server.MustAsync("POST", Maps, third);
        var found = await server.MustAsync("GET", Maps + "?labelSelector=" + Uri.EscapeDataString(selector));
        Assert.Equal(expected.Split(','), Names(found));
    }

    [Fact]
    public async Task A_field_nobody_can_select_by_is_refused()
    {
        var answer = await server.SendAsync("GET", Maps + "?fieldSelector=data.k%3D1");
        Assert.Equal(400, answer.Status);
    }

    [Fact]
    public async Task A_watch_tells_every_change_from_its_revision_on()
    {
        var list = await server.MustAsync("GET", Maps);
        using var watch = await WatchReader.OpenAsync(server, $"{Maps}?watch=true&resourceVersion={list["metadata"]!["resourceVersion"]}");
        await server.MustAsync("POST", Maps, Map("w", "1"));
        await server.MustAsync("PUT", Maps + "/w", Map("w", "2"));
        await server.MustAsync("DELETE", Maps + "/w");
        foreach (var (type, value) in ((string, string)[])[("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")])
        {
            var happened = await watch.NextAsync(Eventually.Patience);
            Assert.Equal((type, value), (happened!["type"]!.ToString(), happened["object"]!["data"]!["k"]!.ToString()));
        }
    }

    [Fact]
    public async Task Leaving_a_selector_is_a_deletion_for_its_watcher()
    {
        await server.MustAsync("POST", Maps, Map("w", "1", "x"));
        using var watch = await WatchReader.OpenAsync(server, Maps + "?watch=true&labelSelector=app%3Dx");
        Assert.Equal("ADDED", (await watch.NextAsync(Eventually.Patience))!["type"]!.ToString());
        await server.MustAsync("PUT", Maps + "/w", Map("w", "2", "y"));
        var gone = await watch.NextAsync(Eventually.Patience);
        Assert.Equal(("DELETED", "1"), (gone!["type"]!.ToString(), gone["object"]!["data"]!["k"]!.ToString()));
    }

    [Fact]
    public async Task Initial_events_end_with_a_marked_bookmark()
    {
        await server.MustAsync("POST", Maps, Map("w", "1", "x"));
        using var watch = await WatchReader.OpenAsync(
            server, Maps + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=app%3Dx");
        Assert.Equal("ADDED", (await watch.NextAsync(Eventually.Patience))!["type"]!.ToString());
        var end = await watch.NextAsync(Eventually.Patience);
        Assert.Equal(("BOOKMARK", "true"), (end!["type"]!.ToString(), end["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!.ToString()));
    }

    [Fact]
    public async Task A_watch_from_before_the_window_ends_with_expired()
    {
        await using var small = await ApiServerFixture.StartAsync(options => options with { WatchWindow = 4 });
        for (var i = 0; i < 10; i++)
            await small.MustAsync("POST", Maps, Map("m" + i, "1"));
        using var watch = await WatchReader.OpenAsync(small, Maps + "?watch=true&resourceVersion=1");
        var error = await watch.NextAsync(Eventually.Patience);
        Assert.Equal(("ERROR", 410), (error!["type"]!.ToString(), error["object"]!["code"]!.GetValue<int>()));
        Assert.Null(await watch.NextAsync(Eventually.Patience));
    }

    [Fact]
    public async Task A_watcher_that_does_not_read_stalls_nobody()
    {
        var all = new List<WatchReader>();
        for (var i = 0; i < 20; i++)
            all.Add(await WatchReader.OpenAsync(server, Maps + "?watch=true"));
        var big = new string('x', 100_000);
        for (var i = 0; i < 60; i++)
            await server.MustAsync("POST", Maps, Map("big" + i, big));
        all.ForEach(watch => watch.Dispose());
    }

    [Fact]
    public async Task Large_numbers_and_texts_come_back_as_they_went_in()
    {
        await server.DefineAsync(CustomResourceTests.Definition("things", "Thing", new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true }));
        var raw = """{"apiVersion":"test.example.com/v1","kind":"Thing","metadata":{"name":"n"},"spec":{"big":9007199254740993,"f":1.50,"t":"<é\u0001>"}}""";
        await server.SendAsync("POST", "/apis/test.example.com/v1/namespaces/default/things", rawBody: raw);
        var back = await server.SendAsync("GET", "/apis/test.example.com/v1/namespaces/default/things/n");
        Assert.Contains("\"big\":9007199254740993,\"f\":1.5", back.Text, StringComparison.Ordinal);
        Assert.Equal("<é\u0001>", back.Json["spec"]!["t"]!.ToString());
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("[1]", 400)]
    [InlineData("", 400)]
    [InlineData("{\"kind\":\"Secret\",\"apiVersion\":\"v1\"}", 400)]
    [InlineData("{\"metadata\":7}", 400)]
    [InlineData("{\"metadata\":{\"name\":\"UPPER\"}}", 422)]
    [InlineData("{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":1}}", 400)]
    public async Task A_malformed_body_gets_a_status(string body, int code)
    {
        var answer = await server.SendAsync("POST", Maps, rawBody: body);
        Assert.Equal((code, "Status"), (answer.Status, answer.Json["kind"]!.ToString()));
    }

    [Fact]
    public async Task Unknown_fields_warn_are_ignored_or_refused_as_asked()
    {
        var body = Map("u", "1");
        body["foo"] = 1;
        Assert.Equal(["299 - \"unknown field \\\"foo\\\"\""], (await server.SendAsync("POST", Maps, body)).Warnings);
        body["metadata"]!["name"] = "v";
        Assert.Empty((await server.SendAsync("POST", Maps + "?fieldValidation=Ignore", body)).Warnings);
        Assert.Equal(400, (await server.SendAsync("POST", Maps + "?fieldValidation=Strict", body)).Status);
    }

    [Fact]
    public async Task A_stranger_gets_nothing_and_a_bad_token_is_refused_everywhere()
    {
        using var stranger = server.NewClient(null);
        Assert.Equal(403, (await server.SendAsync("GET", Maps, client: stranger)).Status);
        Assert.Equal(200, (await server.SendAsync("GET", "/version", client: stranger)).Status);
        stranger.DefaultRequestHeaders.Authorization = new("Bearer", "nonsense");
        Assert.Equal(401, (await server.SendAsync("GET", "/version", client: stranger)).Status);
    }

    [Fact]
    public async Task Two_servers_share_nothing()
    {
        await using var other = await ApiServerFixture.StartAsync();
        await server.MustAsync("POST", Maps, Map("mine", "1"));
        Assert.Equal(404, (await other.SendAsync("GET", Maps + "/mine")).Status);
        Assert.NotEqual(server.Server.AuthorityPem, other.Server.AuthorityPem);
    }

    private static JsonObject Map(string name, string value, string? app = null)
    {
        var map = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["k"] = value } };
        if (app is not null)
            map["metadata"]!["labels"] = new JsonObject { ["app"] = app };
        return map;
    }

    private static IEnumerable<string> Names(JsonNode list) => list["items"]!.AsArray().Select(item => item!["metadata"]!["name"]!.ToString());
}
