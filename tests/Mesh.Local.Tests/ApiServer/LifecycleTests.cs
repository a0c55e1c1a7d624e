using System.Text.Json.Nodes;
using Mesh.Testing;

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
    public async Task An_object_with_a_finalizer_waits_for_it()
    {
        await server.MustAsync("POST", Core + "/configmaps", JsonNode.Parse("""{"metadata":{"name":"f","finalizers":["example.com/f"]}}"""));
        var marked = await server.MustAsync("DELETE", Core + "/configmaps/f");
        Assert.NotNull(marked["metadata"]!["deletionTimestamp"]);
        await server.MustAsync("PATCH", Core + "/configmaps/f", JsonNode.Parse("""{"metadata":{"finalizers":null}}"""), "application/merge-patch+json");
        Assert.Equal(404, (await server.SendAsync("GET", Core + "/configmaps/f")).Status);
    }

    [Theory]
    [InlineData("Background", false)]
    [InlineData("Foreground", false)]
    [InlineData("Orphan", true)]
    public async Task What_an_owner_leaves_behind_goes_or_stays_as_asked(string policy, bool stays)
    {
        var owner = await server.MustAsync("POST", Core + "/configmaps", JsonNode.Parse("""{"metadata":{"name":"owner"}}"""));
        var dependent = JsonNode.Parse("""{"metadata":{"name":"dependent","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","blockOwnerDeletion":true}]}}""")!;
        dependent["metadata"]!["ownerReferences"]![0]!["uid"] = owner["metadata"]!["uid"]!.DeepClone();
        await server.MustAsync("POST", Core + "/configmaps", dependent);
        await server.MustAsync("DELETE", $"{Core}/configmaps/owner?propagationPolicy={policy}");
        await Eventually.True(async () => (await server.SendAsync("GET", Core + "/configmaps/owner")).Status == 404, "the owner goes");
        if (stays)
        {
            await Eventually.True(async () => (await server.MustAsync("GET", Core + "/configmaps/dependent"))["metadata"]!["ownerReferences"] is null, "the reference is taken off");
            return;
        }

        await Eventually.True(async () => (await server.SendAsync("GET", Core + "/configmaps/dependent")).Status == 404, "the dependent goes");
    }

    [Fact]
    public async Task A_deleted_namespace_empties_and_goes_and_takes_nothing_new()
    {
        await server.CreateNamespaceAsync("doomed");
        await server.MustAsync("POST", "/api/v1/namespaces/doomed/configmaps", JsonNode.Parse("""{"metadata":{"name":"held","finalizers":["example.com/f"]}}"""));
        Assert.Equal("Terminating", (await server.MustAsync("DELETE", "/api/v1/namespaces/doomed"))["status"]!["phase"]!.ToString());
        var late = await server.SendAsync("POST", "/api/v1/namespaces/doomed/configmaps", JsonNode.Parse("""{"metadata":{"name":"late"}}"""));
        Assert.Equal((403, "NamespaceTerminating"), (late.Status, late.Json["details"]!["causes"]![0]!["reason"]!.ToString()));
        await Eventually.True(async () => (await server.MustAsync("GET", "/api/v1/namespaces/doomed/configmaps/held"))["metadata"]!["deletionTimestamp"] is not null, "content is deleted");
        await server.MustAsync("PATCH", "/api/v1/namespaces/doomed/configmaps/held", JsonNode.Parse("""{"metadata":{"finalizers":null}}"""), "application/merge-patch+json");
        await Eventually.True(async () => (await server.SendAsync("GET", "/api/v1/namespaces/doomed")).Status == 404, "the namespace goes");
    }

    [Fact]
    public async Task A_new_namespace_has_its_account_and_the_authority()
    {
        await server.CreateNamespaceAsync("fresh");
        await Eventually.True(async () => (await server.SendAsync("GET", "/api/v1/namespaces/fresh/serviceaccounts/default")).Status == 200, "default ServiceAccount");
        await Eventually.True(async () => (await server.SendAsync("GET", "/api/v1/namespaces/fresh/configmaps/kube-root-ca.crt")).Status == 200, "kube-root-ca.crt");
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
    public async Task A_token_says_whose_it_is_while_its_pod_lives()
    {
        var pod = await server.MustAsync("POST", Core + "/pods", Pod("p"));
        var request = JsonNode.Parse("""{"spec":{"audiences":["mesh"],"expirationSeconds":600,"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"p"}}}""")!;
        request["spec"]!["boundObjectRef"]!["uid"] = pod["metadata"]!["uid"]!.DeepClone();
        var token = (await server.MustAsync("POST", Core + "/serviceaccounts/default/token", request))["status"]!["token"]!.ToString();
        async Task<JsonNode> Review(string audience) => (await server.MustAsync("POST", "/apis/authentication.k8s.io/v1/tokenreviews",
            new JsonObject { ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray(audience) } }))["status"]!;
        var good = await Review("mesh");
        Assert.Equal(("system:serviceaccount:default:default", "p"), (
            good["user"]!["username"]!.ToString(), good["user"]!["extra"]!["authentication.kubernetes.io/pod-name"]![0]!.ToString()));
        Assert.Null((await Review("other"))["authenticated"]);
        await server.MustAsync("DELETE", Core + "/pods/p");
        Assert.Null((await Review("mesh"))["authenticated"]);
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
