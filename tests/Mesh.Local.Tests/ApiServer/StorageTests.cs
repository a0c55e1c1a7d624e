using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>What is of this server alone: its window, its texts, its strangers, its neighbours.</summary>
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
    public async Task Large_numbers_and_texts_come_back_as_they_went_in()
    {
        await server.DefineAsync(CustomResourceTests.Definition("things", "Thing", new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true }));
        var raw = """{"apiVersion":"test.example.com/v1","kind":"Thing","metadata":{"name":"n"},"spec":{"big":9007199254740993,"f":1.50,"t":"<é\u0001>"}}""";
        await server.SendAsync("POST", "/apis/test.example.com/v1/namespaces/default/things", rawBody: raw);
        var back = await server.SendAsync("GET", "/apis/test.example.com/v1/namespaces/default/things/n");
        Assert.Contains("\"big\":9007199254740993,\"f\":1.5", back.Text, StringComparison.Ordinal);
        Assert.Equal("<é\u0001>", back.Json["spec"]!["t"]!.ToString());
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

    private static JsonObject Map(string name, string value) =>
        new() { ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["k"] = value } };
}
