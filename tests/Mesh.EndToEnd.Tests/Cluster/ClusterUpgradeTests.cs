using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>
/// Back to an older version and forward again, each as a user does it: `make deploy` of that clone, then a restart of the
/// workloads; all of it under load. MESH_TEST_OLDER is the older clone, MESH_TEST_OLDER_TAG the tag under which the cluster's
/// nodes find its images.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class ClusterUpgradeTests(GivenCluster cluster, ITestOutputHelper output) : IClassFixture<GivenCluster>
{
    [Fact]
    public async Task A_version_back_and_forward_again_costs_no_request()
    {
        await cluster.ReadyAsync();
        cluster.NeedsOperatorDeployment();
        var older = Environment.GetEnvironmentVariable("MESH_TEST_OLDER") ?? "";
        var olderTag = Environment.GetEnvironmentVariable("MESH_TEST_OLDER_TAG") ?? "";
        Needs.Require("older", Directory.Exists(Path.Combine(older, "config")) && olderTag.Length > 0,
            "needs an older version: set MESH_TEST_OLDER to a clone of it, MESH_TEST_OLDER_TAG to the tag of its images");
        var tag = cluster.Kubectl("get", "deployment", "mesh-operator", "-n", "mesh-system", "-o", "jsonpath={.spec.template.spec.containers[0].image}").Split(':')[^1];
        await cluster.RuleHolds("of-this");
        try
        {
            await Under("back", async () =>
            {
                Deploy(older, olderTag);
                Assert.Equal("of-this", cluster.Round());
                await cluster.RuleHolds("told-newer-sidecars-by-the-older");
                Restart("server", olderTag);
            });
            Restart("caller", olderTag);
            await cluster.RuleHolds("all-older");
        }
        finally
        {
            // Whatever became of it, the tests after this one are for this version.
            await Under("forward", async () =>
            {
                Deploy(Repository.Root, tag);
                await cluster.RuleHolds("told-older-sidecars");
                Restart("server", tag);
            });
        }

        Restart("caller", tag);
        await cluster.RuleHolds("all-of-this");
    }

    private async Task Under(string what, Func<Task> work) => output.WriteLine($"{what}: {await cluster.UnderLoadAsync(work)} requests");

    private static void Deploy(string clone, string tag)
    {
        var run = Command.Run("make", ["-C", clone, "deploy", "LOADED=yes", $"TAG={tag}"],
            environment: new Dictionary<string, string> { ["KUBECONFIG"] = Needs.Cluster() }, timeout: TimeSpan.FromMinutes(5));
        Assert.True(run.ExitCode == 0, $"make deploy of {clone}: {run.Error}{run.Output}");
    }

    private void Restart(string deployment, string tag)
    {
        cluster.Kubectl("rollout", "restart", $"deployment/{deployment}", "-n", cluster.Meshed);
        cluster.Kubectl("rollout", "status", $"deployment/{deployment}", "-n", cluster.Meshed, "--timeout=180s");
        var image = cluster.Kubectl("get", "pods", "-n", cluster.Meshed, "-l", $"app={deployment}", "--sort-by=.metadata.creationTimestamp",
            "-o", "jsonpath={range .items[*]}{.spec.initContainers[?(@.name==\"mesh-proxy\")].image}{\"\\n\"}{end}").Trim().Split('\n')[^1];
        Assert.EndsWith($":{tag}", image, StringComparison.Ordinal);
    }
}
