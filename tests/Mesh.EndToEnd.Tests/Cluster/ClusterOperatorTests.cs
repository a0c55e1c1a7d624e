using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>
/// The operator's pods are replaced, killed, evicted, scaled away, while requests go on: none fails, rules stand where they
/// stood, and what is written meanwhile acts once an operator serves again.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class ClusterOperatorTests(GivenCluster cluster, ITestOutputHelper output) : IClassFixture<GivenCluster>
{
    private const string System = "mesh-system";
    private static readonly string[] Pods = ["pods", "-n", System, "-l", "app=mesh-operator"];

    [Fact]
    public async Task A_replaced_operator_costs_no_request_and_the_new_leader_has_sessions()
    {
        await ReadyAsync();
        await UnderLoad(async () =>
        {
            cluster.Kubectl("rollout", "restart", "deployment/mesh-operator", "-n", System);
            cluster.OperatorReady();
            await Eventually.True(() => (bool?)cluster.Report()["session"]?["connected"] == true, "the new leader has a session", TimeSpan.FromMinutes(1));
            await cluster.RuleHolds("replaced");
        });
    }

    [Fact]
    public async Task Killed_operators_cost_no_request_and_rules_go_on_changing()
    {
        await ReadyAsync();
        await UnderLoad(async () =>
        {
            for (var round = 1; round <= 3; round++)
            {
                // All of them at once, without a goodbye: no lease is released.
                cluster.Kubectl(["delete", .. Pods, "--grace-period=0", "--force"]);
                await cluster.RuleHolds($"killed-{round}");
            }

            cluster.OperatorReady();
        });
    }

    [Fact]
    public async Task An_eviction_takes_one_operator_at_a_time()
    {
        await ReadyAsync();
        await UnderLoad(async () =>
        {
            var pods = cluster.Kubectl(["get", .. Pods, "-o", "jsonpath={.items[*].metadata.name}"]).Split(' ');
            Assert.Equal(2, pods.Length);
            var first = Evict(pods[0]);
            Assert.True(first.ExitCode == 0, first.Error);
            var second = Evict(pods[1]);
            Assert.NotEqual(0, second.ExitCode);
            Assert.Contains("disruption budget", second.Error, StringComparison.Ordinal);
            await cluster.RuleHolds("evicted");
            cluster.OperatorReady();
            await Eventually.True(() => Evict(pods[1]).ExitCode == 0, "the second may go once the first is replaced", TimeSpan.FromMinutes(1));
            cluster.OperatorReady();
        });
    }

    [Fact]
    public async Task Traffic_goes_on_without_an_operator_and_status_recovers_with_it()
    {
        await ReadyAsync();
        await cluster.RuleHolds("before");
        await UnderLoad(async () =>
        {
            cluster.Kubectl("scale", "deployment/mesh-operator", "-n", System, "--replicas=0");
            try
            {
                cluster.Kubectl(["wait", "--for=delete", .. Pods, "--timeout=120s"]);
                Assert.Equal("before", cluster.Round());
                // Nobody judges rules or gives new pods their sidecar: both are refused rather than done without.
                var rule = cluster.Try(["apply", "-f", "-"], cluster.Rule("absent"));
                Assert.NotEqual(0, rule.ExitCode);
                Assert.Contains("failed calling webhook", rule.Error, StringComparison.Ordinal);
                cluster.Kubectl("rollout", "restart", "deployment/server", "-n", cluster.Meshed);
                await Eventually.True(() => cluster.Kubectl("get", "events", "-n", cluster.Meshed, "--field-selector=reason=FailedCreate").Contains("mesh", StringComparison.Ordinal),
                    "the refusal is an Event of the ReplicaSet", TimeSpan.FromMinutes(1));
                Assert.Equal("before", cluster.Round());
            }
            finally
            {
                cluster.Kubectl("scale", "deployment/mesh-operator", "-n", System, "--replicas=2");
            }

            cluster.OperatorReady();
            cluster.Kubectl("rollout", "status", "deployment/server", "-n", cluster.Meshed, "--timeout=180s");
            await cluster.RuleHolds("after");
        });
    }

    private async Task ReadyAsync()
    {
        await cluster.ReadyAsync();
        cluster.NeedsOperatorDeployment();
        cluster.OperatorReady();
    }

    private async Task UnderLoad(Func<Task> work) => output.WriteLine($"{await cluster.UnderLoadAsync(work)} requests");

    private CommandResult Evict(string pod) => cluster.Try(["create", "--raw", $"/api/v1/namespaces/{System}/pods/{pod}/eviction", "-f", "-"],
        $$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{pod}}}","namespace":"{{{System}}}"}}""");
}
