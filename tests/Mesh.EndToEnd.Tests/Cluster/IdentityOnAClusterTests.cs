using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>Identity on a cluster that somebody gives (MESH_TEST_KUBECONFIG), by kubectl alone.</summary>
public sealed class IdentityOnAClusterTests(GivenCluster cluster) : IClassFixture<GivenCluster>
{
    private string Server => $"http://server.{cluster.Meshed}:{GivenCluster.Port}/";

    [Fact]
    public async Task Every_hop_within_the_mesh_proves_who_calls()
    {
        await cluster.ReadyAsync();
        Assert.Contains($"/ns/{cluster.Meshed}/sa/caller", cluster.Get("caller", cluster.Meshed, Server), StringComparison.Ordinal);
        Assert.Equal("nobody", cluster.Get("outsider", cluster.Outside, Server));
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
    public async Task An_operator_that_is_replaced_costs_no_request()
    {
        await cluster.ReadyAsync();
        Needs.Require("cluster", cluster.Try(["get", "deployment", "mesh-operator", "-n", "mesh-system"]).ExitCode == 0, "needs the operator as a Deployment on that cluster");
        cluster.Kubectl("rollout", "restart", "deployment/mesh-operator", "-n", "mesh-system");
        var rollout = Task.Run(() => cluster.Kubectl("rollout", "status", "deployment/mesh-operator", "-n", "mesh-system", "--timeout=150s"));
        do
        {
            Assert.Contains("/sa/caller", cluster.Get("caller", cluster.Meshed, Server), StringComparison.Ordinal);
        }
        while (!rollout.IsCompleted);
        await rollout;
        await Eventually.True(() => (bool?)cluster.Report()["session"]?["connected"] == true, "the new leader has a session", TimeSpan.FromMinutes(1));
    }
}
