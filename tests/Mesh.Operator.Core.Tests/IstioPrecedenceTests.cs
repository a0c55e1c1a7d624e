using System.Text.Json.Nodes;
using Mesh.Operator.Core.Planning;
using Mesh.Testing;

namespace Mesh.Operator.Core.Tests;

/// <summary>Which rule speaks for a host, in Istio's own cases.</summary>
public sealed class IstioPrecedenceTests
{
    [Fact]
    public void Hosts_lead_to_the_clusters_Istio_says()
    {
        var folder = Needs.Cases("istio-simulation");
        var services = File.ReadAllText(Path.Combine(folder, "services.yaml"));
        var tried = 0;
        foreach (var test in Yaml.Documents(File.ReadAllText(Path.Combine(folder, "sidecar_route_precedence.yaml"))))
        {
            tried++;
            Try(test, services);
        }

        Assert.NotEqual(0, tried);
        TestContext.Current.TestOutputHelper?.WriteLine($"{tried} cases tried");
    }

    private static void Try(JsonNode test, string services)
    {
        var ns = test["proxyNamespace"]!.ToString();
        var snapshot = Cluster.Of(services, Given.Pod("client", "app: client", ns));
        foreach (var config in test["config"]!.AsArray()) snapshot = snapshot.Put(config!);
        var table = MeshPlanner.Plan(snapshot).ConfigOf("client", ns).Routes.SingleOrDefault(routes => routes.Name == test["listenPort"]!.ToString());
        foreach (var (host, clusters) in test["expectedHostToClusters"]!.AsObject())
        {
            var found = table?.VirtualHosts.SingleOrDefault(candidate => candidate.Domains.Contains(host));
            Assert.Equal(
                (test["_case"]!.ToString(), host, clusters is null ? null : string.Join(' ', clusters.AsArray().Select(cluster => cluster!.ToString()))),
                (test["_case"]!.ToString(), host, found is null ? null : string.Join(' ', found.ClustersOf().Select(cluster => cluster.TrimStart('!')))));
        }
    }
}
