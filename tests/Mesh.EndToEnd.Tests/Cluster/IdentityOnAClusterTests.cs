using Mesh.EndToEnd.Tests.Identity;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>Identity on a cluster that somebody gives (MESH_TEST_KUBECONFIG), by kubectl alone.</summary>
[Collection(ClusterCollection.Name)]
public sealed class IdentityOnAClusterTests(GivenCluster cluster, ITestOutputHelper output) : IClassFixture<GivenCluster>
{
    private string Server => $"http://server.{cluster.Meshed}:{GivenCluster.Port}/";

    [Fact]
    public async Task Every_hop_within_the_mesh_proves_who_calls()
    {
        await cluster.ReadyAsync();
        Assert.Contains($"/ns/{cluster.Meshed}/sa/caller", cluster.Get("caller", cluster.Meshed, Server), StringComparison.Ordinal);
        await Eventually.Is(() => Task.FromResult(cluster.Get("outsider", cluster.Outside, Server)), said => said == "nobody", "who has no sidecar is nobody", TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_sidecar_holds_a_certificate_of_its_own_pods_identity_and_a_session()
    {
        await cluster.ReadyAsync();
        var report = cluster.Report();
        Assert.EndsWith($"/ns/{cluster.Meshed}/sa/default", (string?)report["identity"]?["spiffeId"], StringComparison.Ordinal);
        Assert.True((bool?)report["session"]?["connected"]);
    }

    [Fact]
    public async Task Strict_refuses_clear_text_and_keeps_probes_and_the_mesh_going()
    {
        await cluster.ReadyAsync();
        cluster.Require("STRICT");
        await Eventually.True(() => cluster.Get("outsider", cluster.Outside, Server).StartsWith("refused:", StringComparison.Ordinal), "clear text is refused", TimeSpan.FromMinutes(2));
        cluster.Kubectl("rollout", "restart", "deployment/server", "-n", cluster.Meshed);
        cluster.Kubectl("rollout", "status", "deployment/server", "-n", cluster.Meshed, "--timeout=120s");
        Assert.Contains("/sa/caller", cluster.Get("caller", cluster.Meshed, Server), StringComparison.Ordinal);
        Assert.StartsWith("refused:", cluster.Get("outsider", cluster.Outside, Server), StringComparison.Ordinal);
        cluster.Kubectl("wait", "--for=condition=Programmed", "peerauthentication/default", "-n", cluster.Meshed, "--timeout=60s");
    }

    [Fact]
    public async Task Status_names_who_still_speaks_clear_text()
    {
        await cluster.ReadyAsync();
        cluster.Require("PERMISSIVE");
        await Eventually.True(() =>
        {
            Assert.DoesNotContain("refused:", cluster.Get("outsider", cluster.Outside, Server), StringComparison.Ordinal);
            return cluster.Kubectl("get", "peerauthentication", "default", "-n", cluster.Meshed, "-o", "jsonpath={.status.clearTextClients}").Contains($"{cluster.Outside}/outsider-", StringComparison.Ordinal);
        }, "the caller without a sidecar stands in status", TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task Nothing_that_kubectl_shows_of_the_workloads_holds_a_key()
    {
        await cluster.ReadyAsync();
        foreach (var space in new[] { cluster.Meshed, cluster.Outside })
            Assert.DoesNotContain("PRIVATE KEY", cluster.Kubectl("get", "secrets,configmaps,pods", "-n", space, "-o", "yaml"), StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", cluster.Kubectl("logs", "deployment/server", "-n", cluster.Meshed, "-c", "mesh-proxy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Papers_of_nobody_of_another_root_and_of_yesterday_are_refused()
    {
        await cluster.ReadyAsync();
        cluster.Require("STRICT");
        var id = $"spiffe://cluster.local/ns/{cluster.Meshed}/sa/caller";
        using var root = cluster.Root();
        using var foreign = new TestAuthority();
        using var good = root.Issue(id);
        using var stranger = foreign.Issue(id);
        using var old = root.Issue(id, DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(-1));
        await Eventually.True(() => cluster.Show(Papers.None).StartsWith("refused:", StringComparison.Ordinal), "who shows nothing is refused", TimeSpan.FromMinutes(1));
        Assert.StartsWith("refused:", cluster.Show(Papers.SelfSigned(id)), StringComparison.Ordinal);
        Assert.StartsWith("refused:", cluster.Show(Papers.Of(stranger)), StringComparison.Ordinal);
        Assert.StartsWith("refused:", cluster.Show(Papers.Of(old)), StringComparison.Ordinal);
        Assert.Equal("HTTP/1.1 200 OK", cluster.Show(Papers.Of(good)));
    }

    [Fact]
    public async Task A_rolling_restart_under_load_fails_no_request()
    {
        await cluster.ReadyAsync();
        var requests = await cluster.UnderLoadAsync(() =>
        {
            cluster.Kubectl("rollout", "restart", "deployment/server", "-n", cluster.Meshed);
            cluster.Kubectl("rollout", "status", "deployment/server", "-n", cluster.Meshed, "--timeout=120s");
            return Task.CompletedTask;
        });
        output.WriteLine($"{requests} requests");
        Assert.InRange(requests, 1000, int.MaxValue);
    }

    [Fact]
    public async Task A_new_root_under_load_fails_no_request()
    {
        await cluster.ReadyAsync();
        Needs.Long();
        var before = (string?)cluster.Report()["identity"]!["trustedRoots"]![0];
        var requests = await cluster.UnderLoadAsync(async () =>
        {
            cluster.Kubectl("annotate", "--overwrite", "secret", "mesh-ca", "-n", "mesh-system", $"mesh.dev/renew-root={Guid.NewGuid()}");
            await Eventually.True(() => cluster.Report()["identity"]!["trustedRoots"]!.AsArray().Count == 2, "both roots are trusted", TimeSpan.FromMinutes(2));
            // Whoever starts now gets a certificate of the new root once it signs.
            await Eventually.True(() =>
            {
                cluster.Kubectl("rollout", "restart", "deployment/server", "-n", cluster.Meshed);
                cluster.Kubectl("rollout", "status", "deployment/server", "-n", cluster.Meshed, "--timeout=120s");
                return (string?)cluster.Report()["identity"]!["issuer"] != before;
            }, "the new root signs", TimeSpan.FromMinutes(3));
        });
        output.WriteLine($"{requests} requests");
    }
}
