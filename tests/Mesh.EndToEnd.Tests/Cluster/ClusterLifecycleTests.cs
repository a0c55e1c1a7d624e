using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>
/// What a cluster does to workloads costs no request. Rolling restarts are beside identity's tests, the operator's own fate in
/// <see cref="ClusterOperatorTests"/>.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class ClusterLifecycleTests(GivenCluster cluster, ITestOutputHelper output) : IClassFixture<GivenCluster>
{
    [Fact]
    public async Task Pods_come_and_go_under_load_without_a_failed_request()
    {
        await cluster.ReadyAsync();
        output.WriteLine($"{await cluster.UnderLoadAsync(() =>
        {
            foreach (var replicas in new[] { 3, 1, 2 })
            {
                cluster.Kubectl("scale", "deployment/server", "-n", cluster.Meshed, $"--replicas={replicas}");
                cluster.Kubectl("rollout", "status", "deployment/server", "-n", cluster.Meshed, "--timeout=120s");
            }

            return Task.CompletedTask;
        })} requests");
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
        try
        {
            output.WriteLine($"{await cluster.UnderLoadAsync(async () =>
            {
                // Of the cluster's pods only the server's leave, and the operator's.
                cluster.Kubectl("drain", node, "--pod-selector=app in (server, mesh-operator)", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=180s");
                cluster.Kubectl("rollout", "status", "deployment/server", "-n", cluster.Meshed, "--timeout=120s");
                await cluster.RuleHolds("drained");
            })} requests");
        }
        finally
        {
            cluster.Kubectl("uncordon", node);
            cluster.Kubectl("delete", "poddisruptionbudget", "server", "-n", cluster.Meshed);
        }
        Assert.DoesNotContain(node, cluster.Kubectl("get", "pods", "-n", cluster.Meshed, "-l", "app=server", "-o", "jsonpath={.items[*].spec.nodeName}").Split(' '));
    }
}
