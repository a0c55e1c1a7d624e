using System.Text.Json.Nodes;
using Mesh.Local.Tests.ApiServer.Replay;
using Mesh.Testing;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>The published shapes of built-in kinds against those a real API server publishes.</summary>
public sealed class OpenApiTests : IAsyncLifetime
{
    /// <summary>What the client library's models do not tell; the server checks it all the same.</summary>
    private static readonly string[] Untold = ["description", "default", "enum", "required", "x-kubernetes-unions"];

    /// <summary>Of another release than the client library's, or merged as one value here: neither is a kind this cluster works with.</summary>
    private static readonly string[] Other =
    [
        "io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus.resources", "io.k8s.api.core.v1.PersistentVolumeSpec.claimRef",
        "io.k8s.api.core.v1.PersistentVolumeClaimStatus.allocatedResourceStatuses",
    ];

    private ApiServerFixture server = null!;

    public async ValueTask InitializeAsync() => server = await ApiServerFixture.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData("/openapi/v3/apis/apps/v1", "openapi-v3-apps-v1.min.json")]
    [InlineData("/openapi/v3/api/v1", "openapi-v3-core-v1.min.json")]
    public async Task Fields_have_the_types_and_merge_as_on_a_cluster(string path, string file)
    {
        Needs.Require("cases", Transcript.Present, $"needs the recorded documents in {Transcript.Root}");
        var recorded = Components(JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Transcript.Root, file)))!);
        var published = Components(await server.MustAsync("GET", path));
        var differences = recorded.Where(pair => published.ContainsKey(pair.Key) && !pair.Key.Contains(".meta.v1.", StringComparison.Ordinal))
            .SelectMany(pair => Compare(pair.Key, pair.Value!, published[pair.Key]!))
            .Where(difference => !Other.Contains(difference.Split(':')[0]))
            .ToList();
        Assert.True(differences.Count == 0, $"{differences.Count} fields differ:\n" + string.Join("\n", differences));
    }

    [Fact]
    public async Task Each_reference_leads_to_a_component()
    {
        var index = await server.MustAsync("GET", "/openapi/v3");
        foreach (var (name, entry) in index["paths"]!.AsObject())
        {
            var document = await server.MustAsync("GET", entry!["serverRelativeURL"]!.ToString());
            var components = Components(document);
            var missing = References(document).Where(reference => !components.ContainsKey(reference)).Distinct();
            Assert.True(!missing.Any(), $"{name}: {string.Join(", ", missing)}");
        }
    }

    [Fact]
    public async Task A_document_is_kept_by_the_hash_of_its_content()
    {
        var url = (await server.MustAsync("GET", "/openapi/v3"))["paths"]!["apis/apps/v1"]!["serverRelativeURL"]!.ToString();
        using var first = await server.Client.GetAsync(new Uri(server.Url, url));
        Assert.Contains("immutable", first.Headers.NonValidated["Cache-Control"].ToString(), StringComparison.Ordinal);
        using var again = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, url));
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var same = await server.Client.SendAsync(again);
        Assert.Equal(304, (int)same.StatusCode);
    }

    private static JsonObject Components(JsonNode document) => document["components"]!["schemas"]!.AsObject();

    private static IEnumerable<string> Compare(string name, JsonNode recorded, JsonNode published)
    {
        foreach (var (field, shape) in recorded["properties"] as JsonObject ?? [])
        {
            if (published["properties"]?[field] is not { } given)
                yield return $"{name}.{field}: missing";
            else if (!JsonNode.DeepEquals(Told(shape!), Told(given)))
                yield return $"{name}.{field}: {Told(given).ToJsonString()}, recorded {Told(shape!).ToJsonString()}";
        }
    }

    private static JsonNode Told(JsonNode shape) => shape switch
    {
        JsonObject map => new JsonObject(map.Where(pair => !Untold.Contains(pair.Key)).Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, Told(pair.Value!)))),
        JsonArray list => new JsonArray([.. list.Select(item => Told(item!))]),
        _ => shape.DeepClone(),
    };

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(pair => pair is { Key: "$ref", Value: JsonValue } ? [pair.Value.ToString().Split('/')[^1]] : References(pair.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };
}
