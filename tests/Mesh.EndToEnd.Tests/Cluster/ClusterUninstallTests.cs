using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>
/// Takes the mesh off the given cluster, where MESH_TEST_UNINSTALL=yes says that it may: run alone, after all others. First what
/// is left is what users made, and traffic goes on; at the end nothing is left.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class ClusterUninstallTests(GivenCluster cluster, ITestOutputHelper output) : IClassFixture<GivenCluster>
{
    private const string Ours = "app.kubernetes.io/part-of=mesh";
    private const string Operators = "app.kubernetes.io/managed-by=mesh-operator";

    [Fact]
    public async Task Undeploy_leaves_rules_and_running_pods_then_nothing()
    {
        Needs.Require("uninstall", Environment.GetEnvironmentVariable("MESH_TEST_UNINSTALL") == "yes", "takes the mesh off the cluster: set MESH_TEST_UNINSTALL=yes where that is meant");
        await cluster.ReadyAsync();
        cluster.NeedsOperatorDeployment();
        cluster.Require("PERMISSIVE");
        output.WriteLine($"{await cluster.UnderLoadAsync(() =>
        {
            RunningPodsStay();
            return Task.CompletedTask;
        }, perSecond: 100)} requests");
        Restart("server", cluster.Meshed);
        Restart("caller", cluster.Meshed);
        await Eventually.Is(() => Task.FromResult(WithSidecar()), pods => pods.Length == 0, "no pod on the cluster has a sidecar; those of other users must be restarted or gone", TimeSpan.FromMinutes(2));
        NothingOfTheMeshStays();
    }

    private void RunningPodsStay()
    {
        var run = Make(0, "undeploy");
        Assert.Contains($"{cluster.Meshed}/server-", run, StringComparison.Ordinal);
        Assert.Equal("", cluster.Kubectl("get", "mutatingwebhookconfigurations,validatingwebhookconfigurations,clusterroles,clusterrolebindings", "-l", Ours, "-o", "name"));
        Assert.Equal("", cluster.Kubectl("get", "deployments,services,leases.coordination.k8s.io", "-n", "mesh-system", "-l", Ours, "-o", "name"));
        Assert.Contains("virtualservices.networking.istio.io", cluster.Kubectl("get", "customresourcedefinitions", "-o", "name"), StringComparison.Ordinal);
        Assert.Contains("default", cluster.Kubectl("get", "peerauthentications", "-n", cluster.Meshed, "-o", "name"), StringComparison.Ordinal);
        // Nobody is asked any more about pods: they start, without a sidecar.
        Restart("outsider", cluster.Outside);
    }

    private void NothingOfTheMeshStays()
    {
        Make(0, "undeploy");
        Assert.Contains("CONFIRM=yes", Make(2, "undeploy-crds"), StringComparison.Ordinal);
        Make(0, "undeploy-crds", "CONFIRM=yes");
        var kinds = string.Join(',', cluster.Kubectl("api-resources", "--verbs=list", "-o", "name").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        foreach (var label in new[] { Ours, Operators })
            Assert.Equal("", cluster.Kubectl("get", kinds, "-A", "-l", label, "-o", "name"));
        Assert.DoesNotContain("mesh-system", cluster.Kubectl("get", "namespaces", "-o", "name"), StringComparison.Ordinal);
        Assert.DoesNotContain("mesh-operator", cluster.Kubectl("get", "clusterroles,clusterrolebindings", "-o", "name"), StringComparison.Ordinal);
        Assert.DoesNotContain("mesh-", cluster.Kubectl("get", "configmaps,secrets", "-A", "-o", "jsonpath={.items[*].metadata.name}"), StringComparison.Ordinal);
    }

    private string WithSidecar() => string.Join(' ', JsonNode.Parse(cluster.Kubectl("get", "pods", "-A", "-o", "json"))!["items"]!.AsArray()
        .Where(pod => pod!["spec"]!["initContainers"]?.AsArray().Any(container => (string?)container!["name"] == "mesh-proxy") == true)
        .Select(pod => $"{pod!["metadata"]!["namespace"]}/{pod["metadata"]!["name"]}"));

    private void Restart(string deployment, string space)
    {
        cluster.Kubectl("rollout", "restart", $"deployment/{deployment}", "-n", space);
        cluster.Kubectl("rollout", "status", $"deployment/{deployment}", "-n", space, "--timeout=120s");
    }

    private static string Make(int exitCode, params string[] words)
    {
        var run = Command.Run("make", ["-C", Repository.Root, .. words], environment: new Dictionary<string, string> { ["KUBECONFIG"] = Needs.Cluster() }, timeout: TimeSpan.FromMinutes(5));
        Assert.True(run.ExitCode == exitCode, $"make {string.Join(' ', words)} ended with {run.ExitCode}: {run.Error}{run.Output}");
        return run.Output + run.Error;
    }
}
