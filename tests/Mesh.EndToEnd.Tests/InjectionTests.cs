using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>What injection promises to whole pods, whoever did it: the webhook or a file.</summary>
[Collection(MeshCollection.Name)]
public sealed class InjectionTests(RunningMesh running)
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_Job_finishes_and_its_init_containers_have_the_meshs_network()
    {
        var mesh = await running.Ready();
        mesh.Apply("""
            apiVersion: batch/v1
            kind: Job
            metadata: {name: errand}
            spec:
              template:
                spec:
                  restartPolicy: Never
                  terminationGracePeriodSeconds: 1
                  initContainers: [{name: before, image: local/host, command: [curl, -sf, -o, /dev/null, "http://ratings:9080/health"]}]
                  containers: [{name: errand, image: local/host, command: [curl, -sf, -o, /dev/null, "http://ratings:9080/health"]}]
            """);
        try
        {
            mesh.Kubectl("wait", "--for=condition=complete", "job/errand", "--timeout=60s");
            var pod = mesh.Get("pods", "-l", "job-name=errand")["items"]![0]!;
            Assert.Equal(["mesh-init", "mesh-proxy", "before"], pod["spec"]!["initContainers"]!.AsArray().Select(container => (string)container!["name"]!));
            Assert.Equal("Succeeded", (string)pod["status"]!["phase"]!);
        }
        finally
        {
            mesh.Kubectl("delete", "job/errand", "--ignore-not-found");
        }
    }

    [Fact]
    public async Task A_Deployment_injected_into_a_file_runs_in_a_namespace_that_asks_for_nothing()
    {
        var mesh = await running.Ready();
        mesh.Kubectl("create", "namespace", "files");
        try
        {
            var file = Path.Combine(Path.GetTempPath(), $"{mesh.Name}-filed.yaml");
            await File.WriteAllTextAsync(file, """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: filed, namespace: files}
                spec:
                  replicas: 2
                  selector: {matchLabels: {app: filed}}
                  template:
                    metadata: {labels: {app: filed}}
                    spec:
                      terminationGracePeriodSeconds: 1
                      containers: [{name: filed, image: mesh/bookinfo, args: ["--service", "details", "--port", "9080"], ports: [{name: http, containerPort: 9080}]}]
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: filed, namespace: files} # stays as it is
                spec: {selector: {app: filed}, ports: [{name: http, port: 9080}]}
                ---
                apiVersion: security.istio.io/v1
                kind: PeerAuthentication
                metadata: {name: default, namespace: files}
                spec: {mtls: {mode: STRICT}}
                """);
            var injected = mesh.Mesh(["inject", "-f", file]);
            File.Delete(file);
            Assert.Equal((0, ""), (injected.ExitCode, injected.Error));
            Assert.Contains("# stays as it is", injected.Output, StringComparison.Ordinal);
            mesh.Apply(injected.Output);
            mesh.Kubectl("rollout", "status", "deployment/filed", "-n", "files", "--timeout=60s");
            Assert.All(mesh.Get("pods", "-n", "files")["items"]!.AsArray(), pod => Assert.Null(pod!["metadata"]!["annotations"]!["mesh.dev/config"]));
            await Eventually.True(
                () => mesh.Exec(mesh.Pod("productpage"), "productpage", "curl", "-s", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}", "http://filed.files:9080/health").Output.Trim() == "200",
                "they take mutual TLS", Start);
            await Eventually.True(() => mesh.Get("peerauthentication/default", "-n", "files")["status"]?["applied"] is { } applied && (string)applied! is { } text && text.Split('/') is [var held, var all] && held == all, "all proxies hold the rule", Start);
        }
        finally
        {
            mesh.Kubectl("delete", "namespace", "files", "--ignore-not-found");
        }
    }
}
