using System.Text.Json.Nodes;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>Who gets a sidecar on a given cluster, and which: asked by dry runs, which a webhook answers as it does a real pod.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ClusterInjectionTests(ClusterBookinfo bookinfo)
{
    [Fact]
    public async Task A_pod_of_a_labelled_namespace_gets_a_native_sidecar_after_the_init_container()
    {
        await bookinfo.ReadyAsync();
        var pod = Injected();
        var init = pod["spec"]!["initContainers"]!.AsArray();
        Assert.Equal(["mesh-init", "mesh-proxy"], init.Select(container => (string)container!["name"]!));
        Assert.Equal("Always", (string?)init[1]!["restartPolicy"]);
        Assert.Equal("app", (string?)Assert.Single(pod["spec"]!["containers"]!.AsArray())!["name"]);
    }

    [Fact]
    public async Task A_pod_that_says_no_gets_none()
    {
        await bookinfo.ReadyAsync();
        Assert.Null(Injected(labels: """sidecar.istio.io/inject: "false" """)["spec"]!["initContainers"]);
    }

    [Fact]
    public async Task Annotations_give_the_sidecar_its_resources()
    {
        await bookinfo.ReadyAsync();
        var pod = Injected(annotations: """sidecar.istio.io/proxyCPU: 50m, sidecar.istio.io/proxyMemory: 64Mi""");
        var requests = pod["spec"]!["initContainers"]![1]!["resources"]!["requests"]!;
        Assert.Equal("50m", (string?)requests["cpu"]);
        Assert.Equal("64Mi", (string?)requests["memory"]);
    }

    [Fact]
    public async Task Ports_that_are_excluded_are_told_to_the_init_container()
    {
        await bookinfo.ReadyAsync();
        var pod = Injected(annotations: """traffic.sidecar.istio.io/excludeOutboundPorts: "3306,6379" """);
        Assert.Contains("3306", pod["spec"]!["initContainers"]![0]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_annotation_that_cannot_be_read_refuses_the_pod_with_its_name_and_value()
    {
        await bookinfo.ReadyAsync();
        var run = bookinfo.Try(["apply", "--dry-run=server", "-f", "-"], Pod("", """traffic.sidecar.istio.io/excludeOutboundPorts: "many" """));
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("excludeOutboundPorts", run.Error, StringComparison.Ordinal);
        Assert.Contains("many", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Job_finishes_though_its_sidecar_would_run_for_ever()
    {
        await bookinfo.ReadyAsync();
        bookinfo.Apply($$$$"""
            apiVersion: batch/v1
            kind: Job
            metadata: {name: errand}
            spec:
              template:
                spec:
                  restartPolicy: Never
                  terminationGracePeriodSeconds: 1
                  containers: [{name: errand, image: {{{{ClusterKubectl.Image}}}}, command: [python3, -c, "import urllib.request; urllib.request.urlopen('http://ratings:9080/health', timeout=20)"]}]
            """);
        bookinfo.Kubectl("wait", "--for=condition=complete", "job/errand", "--timeout=120s");
        bookinfo.Kubectl("delete", "job", "errand");
    }

    private JsonNode Injected(string labels = "", string annotations = "")
    {
        var run = bookinfo.Try(["create", "--dry-run=server", "-o", "json", "-f", "-"], Pod(labels, annotations));
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonNode.Parse(run.Output)!;
    }

    private static string Pod(string labels, string annotations) => $$$$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: asked
          labels: {app: asked, {{{{labels}}}}}
          annotations: { {{{{annotations}}}} }
        spec: {containers: [{name: app, image: {{{{ClusterKubectl.Image}}}}, command: [sleep, "1"]}]}
        """;
}
