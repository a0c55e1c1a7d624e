using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>Deletion, owners, namespaces, pods, Services and tokens.</summary>
public sealed class LifecycleTests : IAsyncLifetime
{
    private const string Core = "/api/v1/namespaces/default";
    private ApiServerFixture server = null!;

    public async ValueTask InitializeAsync() => server = await ApiServerFixture.StartAsync();

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(server.Faults);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_bound_pod_lingers_for_its_grace_and_an_unbound_one_goes_at_once()
    {
        await server.MustAsync("POST", Core + "/pods", Pod("bound"));
        await server.MustAsync("POST", Core + "/pods/bound/binding", JsonNode.Parse("""{"metadata":{"name":"bound"},"target":{"kind":"Node","name":"n1"}}"""));
        var again = await server.SendAsync("POST", Core + "/pods/bound/binding", JsonNode.Parse("""{"metadata":{"name":"bound"},"target":{"kind":"Node","name":"n2"}}"""));
        Assert.Equal(409, again.Status);
        var deleted = await server.MustAsync("DELETE", Core + "/pods/bound");
        Assert.Equal(30, deleted["metadata"]!["deletionGracePeriodSeconds"]!.GetValue<int>());
        await server.MustAsync("DELETE", Core + "/pods/bound?gracePeriodSeconds=0");
        Assert.Equal(404, (await server.SendAsync("GET", Core + "/pods/bound")).Status);
        await server.MustAsync("POST", Core + "/pods", Pod("unbound"));
        await server.MustAsync("DELETE", Core + "/pods/unbound");
        Assert.Equal(404, (await server.SendAsync("GET", Core + "/pods/unbound")).Status);
    }

    [Fact]
    public async Task A_pod_gets_the_defaults_and_the_token_of_its_account()
    {
        var pod = await server.MustAsync("POST", Core + "/pods", Pod("p"));
        Assert.Equal(("Always", "default", "Pending", "BestEffort"), (
            pod["spec"]!["restartPolicy"]!.ToString(), pod["spec"]!["serviceAccountName"]!.ToString(), pod["status"]!["phase"]!.ToString(), pod["status"]!["qosClass"]!.ToString()));
        Assert.StartsWith("kube-api-access-", pod["spec"]!["volumes"]![0]!["name"]!.ToString(), StringComparison.Ordinal);
        var changed = await server.SendAsync("PATCH", Core + "/pods/p", JsonNode.Parse("""{"spec":{"restartPolicy":"Never"}}"""), "application/merge-patch+json");
        Assert.Equal(422, changed.Status);
    }

    [Fact]
    public async Task Services_hold_addresses_of_the_range_and_give_them_back()
    {
        await using var small = await ApiServerFixture.StartAsync(options => options with { ServiceAddresses = "10.99.0.0/29" });
        var own = await small.MustAsync("GET", Core + "/services/kubernetes");
        Assert.Equal("10.99.0.1", own["spec"]!["clusterIP"]!.ToString());
        var taken = new HashSet<string>();
        for (var i = 0; i < 5; i++)
            taken.Add((await small.MustAsync("POST", Core + "/services", Service("s" + i)))["spec"]!["clusterIP"]!.ToString());
        Assert.Equal(5, taken.Count);
        Assert.Equal(500, (await small.SendAsync("POST", Core + "/services", Service("full"))).Status);
        await small.MustAsync("DELETE", Core + "/services/s3");
        await small.MustAsync("POST", Core + "/services", Service("again"));
        var kept = await small.MustAsync("PUT", Core + "/services/again", Service("again"));
        Assert.Contains(kept["spec"]!["clusterIP"]!.ToString(), taken);
    }

    [Fact]
    public async Task An_accounts_token_opens_the_door()
    {
        var token = (await server.MustAsync("POST", Core + "/serviceaccounts/default/token", new JsonObject()))["status"]!["token"]!.ToString();
        using var client = server.NewClient(null);
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var self = await server.SendAsync("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", new JsonObject(), client: client);
        Assert.Equal("system:serviceaccount:default:default", self.Json["status"]!["userInfo"]!["username"]!.ToString());
    }

    private static JsonNode Pod(string name) =>
        JsonNode.Parse($$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"containers":[{"name":"c","image":"example/app:1"}]}}""")!;

    private static JsonNode Service(string name) => JsonNode.Parse($$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"ports":[{"port":80}]}}""")!;
}
