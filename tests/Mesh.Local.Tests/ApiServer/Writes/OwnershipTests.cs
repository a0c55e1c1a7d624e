using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer.Writes;

/// <summary>Who owns fields, beyond what the recordings show.</summary>
public sealed class OwnershipTests : IAsyncLifetime
{
    private const string Item = "/api/v1/namespaces/default/configmaps/a";
    private ApiServerFixture server = null!;

    public async ValueTask InitializeAsync() => server = await ApiServerFixture.StartAsync();

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(server.Faults);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Of_many_who_write_the_oldest_become_one()
    {
        await server.MustAsync("POST", "/api/v1/namespaces/default/configmaps", JsonNode.Parse("""{"metadata":{"name":"a"},"data":{"k":"v"}}"""));
        for (var i = 0; i < 14; i++)
            await server.MustAsync("PATCH", $"{Item}?fieldManager=m{i:00}", JsonNode.Parse($$"""{"data":{"k{{i}}":"v"} }"""), "application/merge-patch+json");
        var managers = (await server.MustAsync("GET", Item))["metadata"]!["managedFields"]!.AsArray();
        Assert.Equal(10, managers.Count);
        var ancient = Assert.Single(managers, one => one!["manager"]!.GetValue<string>() == "ancient-changes")!;
        Assert.Equal(6, ancient["fieldsV1"]!["f:data"]!.AsObject().Count);
    }

    [Fact]
    public async Task Two_who_apply_the_same_in_turn_write_only_once_each()
    {
        await ApplyAsync("one", """{"k":"v"}""");
        var joined = await ApplyAsync("two", """{"k":"v"}""");
        for (var i = 0; i < 3; i++)
        {
            foreach (var manager in (string[])["one", "two"])
                Assert.Equal(joined["metadata"]!["resourceVersion"]!.ToString(), (await ApplyAsync(manager, """{"k":"v"}"""))["metadata"]!["resourceVersion"]!.ToString());
        }
    }

    [Fact]
    public async Task What_an_applier_leaves_out_goes_only_if_nobody_else_holds_it()
    {
        await ApplyAsync("one", """{"mine":"1","ours":"1"}""");
        await ApplyAsync("two", """{"ours":"1","theirs":"1"}""");
        await server.MustAsync("PATCH", Item, JsonNode.Parse("""{"data":{"other":"1"}}"""), "application/merge-patch+json");
        var left = await ApplyAsync("one", """{}""");
        Assert.Equal(["other", "ours", "theirs"], left["data"]!.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal));
    }

    private Task<JsonNode> ApplyAsync(string manager, string data) => server.MustAsync(
        "PATCH", $"{Item}?fieldManager={manager}", JsonNode.Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{{data}} }"""), "application/apply-patch+yaml");
}
