using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>What a cluster does to workloads and to the operator costs no request. Rolling restarts are beside identity's tests.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ClusterLifecycleTests(GivenCluster cluster, ITestOutputHelper output) : IClassFixture<GivenCluster>
{
    [Fact]
    public async Task Pods_come_and_go_under_load_without_a_failed_request()
    {
        await cluster.ReadyAsync();
        var load = cluster.LoadAsync(perSecond: 200, seconds: 40);
        cluster.Kubectl("scale", "deployment/server", "-n", cluster.Meshed, "--replicas=3");
        cluster.Kubectl("rollout", "status", "deployment/server", "-n", cluster.Meshed, "--timeout=120s");
        cluster.Kubectl("scale", "deployment/server", "-n", cluster.Meshed, "--replicas=1");
        cluster.Kubectl("scale", "deployment/server", "-n", cluster.Meshed, "--replicas=2");
        await NoneFailed(load);
        cluster.Kubectl("rollout", "status", "deployment/server", "-n", cluster.Meshed, "--timeout=120s");
    }

    [Fact]
    public async Task A_drained_node_costs_no_request()
    {
        await cluster.ReadyAsync();
        var node = cluster.Kubectl("get", "pods", "-n", cluster.Meshed, "-l", "app=server", "-o", "jsonpath={.items[0].spec.nodeName}");
        var others = JsonNode.Parse(cluster.Kubectl("get", "nodes", "-o", "json"))!["items"]!.AsArray()
            .Where(other => (bool?)other!["spec"]!["unschedulable"] != true && other["spec"]!["taints"] is null && (string?)other["metadata"]!["name"] != node);
        Needs.Require("cluster", others.Any(), "needs two nodes that take pods");
        cluster.Apply($$$$"""
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: server, namespace: {{{{cluster.Meshed}}}}}
            spec: {minAvailable: 1, selector: {matchLabels: {app: server}}}
            """);
        var load = cluster.LoadAsync(perSecond: 200, seconds: 60);
        try
        {
            // Of the cluster's pods only the server's leave.
            cluster.Kubectl("drain", node, "--pod-selector=app=server", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=150s");
            cluster.Kubectl("rollout", "status", "deployment/server", "-n", cluster.Meshed, "--timeout=120s");
        }
        finally
        {
            cluster.Kubectl("uncordon", node);
            cluster.Kubectl("delete", "poddisruptionbudget", "server", "-n", cluster.Meshed);
        }
        await NoneFailed(load);
        Assert.DoesNotContain(node, cluster.Kubectl("get", "pods", "-n", cluster.Meshed, "-l", "app=server", "-o", "jsonpath={.items[*].spec.nodeName}").Split(' '));
    }

    [Fact]
    public async Task Deleted_operator_pods_cost_no_request_and_rules_go_on_changing()
    {
        await cluster.ReadyAsync();
        cluster.NeedsOperatorDeployment();
        var load = cluster.LoadAsync(perSecond: 200, seconds: 60);
        cluster.Kubectl("delete", "pods", "-n", "mesh-system", "-l", "app=mesh-operator", "--wait=false");
        // Admission refuses our kinds while nobody serves it: then it is tried again, as a user would.
        await Eventually.Passes(() => Task.Run(() => cluster.Apply(Timeout("10s"))), "the rule is taken", TimeSpan.FromMinutes(2));
        cluster.Kubectl("rollout", "status", "deployment/mesh-operator", "-n", "mesh-system", "--timeout=150s");
        cluster.Apply(Timeout("11s"));
        cluster.Kubectl("wait", "--for=condition=Programmed", "virtualservice/server", "-n", cluster.Meshed, "--timeout=60s");
        cluster.Kubectl("delete", "virtualservice", "server", "-n", cluster.Meshed);
        await NoneFailed(load);
    }

    private async Task NoneFailed(Task<(int Requests, string Failures)> load)
    {
        var (requests, failures) = await load;
        output.WriteLine($"{requests} requests");
        Assert.Equal("", failures);
        Assert.InRange(requests, 1000, int.MaxValue);
    }

    private string Timeout(string limit) => $$$$"""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: server, namespace: {{{{cluster.Meshed}}}}}
        spec: {hosts: [server], http: [{timeout: {{{{limit}}}}, route: [{destination: {host: server}}]}]}
        """;
}
