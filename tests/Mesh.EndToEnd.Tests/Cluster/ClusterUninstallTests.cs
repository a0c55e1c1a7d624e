using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>
/// Takes the mesh off the given cluster, where MESH_TEST_UNINSTALL=yes says that it may: run alone, after all others. What is left
/// is what users made, and traffic goes on.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class ClusterUninstallTests(GivenCluster cluster) : IClassFixture<GivenCluster>
{
    [Fact]
    public async Task Undeploy_leaves_rules_and_running_pods_and_no_webhook()
    {
        Needs.Require("uninstall", Environment.GetEnvironmentVariable("MESH_TEST_UNINSTALL") == "yes", "takes the mesh off the cluster: set MESH_TEST_UNINSTALL=yes where that is meant");
        await cluster.ReadyAsync();
        cluster.NeedsOperatorDeployment();
        cluster.Require("PERMISSIVE");
        var load = cluster.LoadAsync(perSecond: 100, seconds: 60);

        var run = Command.Run("make", ["-C", Repository.Root, "undeploy"], environment: new Dictionary<string, string> { ["KUBECONFIG"] = Needs.Cluster() }, timeout: TimeSpan.FromMinutes(5));

        Assert.True(run.ExitCode == 0, $"make undeploy: {run.Error}{run.Output}");
        Assert.Contains($"{cluster.Meshed}/server-", run.Output, StringComparison.Ordinal);
        const string Ours = "app.kubernetes.io/part-of=mesh";
        Assert.Equal("", cluster.Kubectl("get", "mutatingwebhookconfigurations,validatingwebhookconfigurations,clusterroles,clusterrolebindings", "-l", Ours, "-o", "name"));
        Assert.Equal("", cluster.Kubectl("get", "deployments,services,leases.coordination.k8s.io", "-n", "mesh-system", "-l", Ours, "-o", "name"));
        Assert.Contains("virtualservices.networking.istio.io", cluster.Kubectl("get", "customresourcedefinitions", "-o", "name"), StringComparison.Ordinal);
        Assert.Contains("default", cluster.Kubectl("get", "peerauthentications", "-n", cluster.Meshed, "-o", "name"), StringComparison.Ordinal);
        // Nobody is asked any more about pods: they start, without a sidecar.
        cluster.Kubectl("rollout", "restart", "deployment/outsider", "-n", cluster.Outside);
        cluster.Kubectl("rollout", "status", "deployment/outsider", "-n", cluster.Outside, "--timeout=120s");
        Assert.Equal("", (await load).Failures);
    }
}
