using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>Names as programs in pods see them: the C library asks, the sidecar answers or passes on.</summary>
[Collection(MeshCollection.Name)]
public sealed class DnsTests(RunningMesh running)
{
    private const string Outsider = """
        apiVersion: v1
        kind: Pod
        metadata: {name: outsider, labels: {app: outsider, version: v1, sidecar.istio.io/inject: "false"}}
        spec:
          terminationGracePeriodSeconds: 1
          containers: [{name: outsider, image: mesh/bookinfo, args: ["--service", "details", "--port", "8123"]}]
        """;

    [Theory]
    [InlineData("reviews")]
    [InlineData("reviews.default")]
    [InlineData("reviews.default.svc")]
    [InlineData("reviews.default.svc.cluster.local")]
    public async Task A_Service_resolves_to_its_address_however_its_name_is_written(string name)
    {
        var mesh = await running.Ready();
        var address = (string)mesh.Get("service/reviews")["spec"]!["clusterIP"]!;

        Assert.StartsWith(address + " ", Resolve(mesh, name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_only_a_ServiceEntry_knows_resolves_and_leads_to_its_endpoint()
    {
        var mesh = await running.Ready();
        mesh.Apply(Outsider);
        try
        {
            mesh.WaitFor("Ready", "pod/outsider");
            var address = (string)mesh.Get("pod/outsider")["status"]!["podIP"]!;
            mesh.Apply($$"""
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: outside}
                spec:
                  hosts: [api.outside.example]
                  location: MESH_EXTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8123}]
                  endpoints: [{address: {{address}}}]
                """);
            await Eventually.True(() => Resolve(mesh, "api.outside.example").StartsWith("240.240.", StringComparison.Ordinal), "the name resolves", TimeSpan.FromSeconds(30));
            Assert.Equal("200 v1", mesh.Exec(mesh.Pod("productpage"), "productpage", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %header{x-bookinfo-version}", "http://api.outside.example/health").Output.Trim());
            Assert.Equal("", Resolve(mesh, "other.outside.example"));
            // What others ask for themselves is nothing new to them.
            Assert.Contains(mesh.Exec(mesh.Pod("productpage"), "productpage", "curl", "-s", "http://127.0.0.1:15000/dns").Output.Split('\n'), line => line.Contains("api.outside.example", StringComparison.Ordinal));
        }
        finally
        {
            mesh.Kubectl("delete", "serviceentry/outside", "--ignore-not-found");
            mesh.Kubectl("delete", "pod/outsider", "--ignore-not-found");
        }
    }

    [Fact]
    public async Task Names_resolve_again_after_the_sidecar_was_killed()
    {
        var mesh = await running.Ready();
        var pod = mesh.Pod("ratings");
        var before = Resolve(mesh, "reviews", pod, "ratings");
        ProcessTable.Kill(Assert.Single(mesh.Processes($"POD_NAME={pod} ", "Mesh.Sidecar")));

        await Eventually.True(() => Resolve(mesh, "reviews", pod, "ratings") == before, "names resolve again", TimeSpan.FromSeconds(60));
        mesh.WaitFor("Ready", $"pod/{pod}");
    }

    private static string Resolve(LocalMesh mesh, string name) => Resolve(mesh, name, mesh.Pod("productpage"), "productpage");

    private static string Resolve(LocalMesh mesh, string name, string pod, string container) => mesh.Exec(pod, container, "getent", "hosts", name).Output.Trim();
}
