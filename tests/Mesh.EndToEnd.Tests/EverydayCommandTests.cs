using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>What people type every day, by each kubectl at hand (<c>MESH_TEST_KUBECTLS</c>), from the first apply to the last delete.</summary>
[Collection(MeshCollection.Name)]
public sealed class EverydayCommandTests(RunningMesh running) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mesh-everyday-").FullName;

    public static TheoryData<string> Kubectls => [.. KubectlPrograms.All];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Kubectls))]
    public async Task Each_command_does_what_it_says(string kubectl)
    {
        var mesh = await running.Ready();
        var run = new KubectlRun(KubectlPrograms.Require(kubectl), mesh);
        var name = $"daily-{Guid.NewGuid():N}"[..12];
        Write("web.yaml", Manifest(name, "one"));
        Write("changed.yaml", Manifest(name, "two"));
        var wrong = new List<string>();
        // 1.27 asks for a beta of this review that no server of today has.
        var commands = Commands(name).Where(command => command.Line != "auth whoami" || KubectlPrograms.Minor(run.Program) >= 28);
        foreach (var (line, exit, expected) in commands)
        {
            var result = Command.Run("env", ["-C", _directory, run.Program, "--kubeconfig", mesh.Kubeconfig, .. line.Split(' ')],
                environment: new Dictionary<string, string> { ["KUBE_EDITOR"] = "sed -i s/app.kubernetes.io.note:.*/note:\\ edited/", ["HOME"] = _directory }, timeout: TimeSpan.FromSeconds(90));
            var said = result.Output + result.Error;
            if (result.ExitCode != exit || !said.Contains(expected, StringComparison.Ordinal))
                wrong.Add($"kubectl {line}: exit {result.ExitCode} (not {exit}) or without \"{expected}\":\n{said}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private static IEnumerable<(string Line, int Exit, string Expected)> Commands(string name) =>
    [
        ("version", 0, "Server Version"),
        ("apply -f web.yaml", 0, $"deployment.apps/{name} created"),
        ("apply -f web.yaml", 0, "unchanged"),
        ($"rollout status deployment/{name} --timeout=60s", 0, "successfully rolled out"),
        ($"wait deployment/{name} --for=condition=Available --timeout=60s", 0, "condition met"),
        ($"get deployment,replicaset,pod -l app={name}", 0, "1/1"),
        ($"get pods -l app={name} -o wide", 0, "node-1"),
        ($"describe deployment {name}", 0, "ScalingReplicaSet"),
        ($"describe pods -l app={name}", 0, "Container started"),
        ("describe node node-1", 0, "Allocated resources"),
        ("explain pod.spec.containers.imagePullPolicy", 0, "imagePullPolicy"),
        ("explain virtualservice.spec.http", 0, "route"),
        ("diff -f changed.yaml", 1, "echo two"),
        ("apply --server-side --force-conflicts -f changed.yaml", 0, "serverside-applied"),
        ($"rollout status deployment/{name} --timeout=60s", 0, "successfully rolled out"),
        ($"rollout history deployment/{name}", 0, "2"),
        ($"rollout undo deployment/{name}", 0, "rolled back"),
        ($"rollout restart deployment/{name}", 0, "restarted"),
        ($"rollout status deployment/{name} --timeout=60s", 0, "successfully rolled out"),
        ($"scale deployment/{name} --replicas=2", 0, "scaled"),
        ($"wait deployment/{name} --for=jsonpath={{.status.readyReplicas}}=2 --timeout=60s", 0, "condition met"),
        ($"label deployment {name} team=books", 0, "labeled"),
        ($"annotate deployment {name} app.kubernetes.io/note=plain", 0, "annotate"),
        ($"edit deployment {name}", 0, "edited"),
        ($$"""patch deployment {{name}} --type=json -p [{"op":"replace","path":"/metadata/labels/team","value":"films"}]""", 0, "patched"),
        ($"get deployment {name} -o jsonpath={{.metadata.labels.team}}", 0, "films"),
        ($"expose deployment {name} --port=80", 0, "exposed"),
        ($"get service,endpointslices -l app={name}", 0, "ClusterIP"),
        ($"create configmap {name} --from-literal=k=v", 0, "created"),
        ("create token default --duration=10m", 0, "."),
        ("auth can-i create pods", 0, "yes"),
        ("auth can-i --list", 0, "*.*"),
        ("auth whoami", 0, "ATTRIBUTE"),
        ("api-resources --api-group=networking.istio.io", 0, "virtualservices"),
        ("api-versions", 0, "apps/v1"),
        ("cluster-info", 0, "is running at"),
        ("get events", 0, "Scheduled"),
        ("events", 0, "Normal"),
        ("get --raw /readyz", 0, "ok"),
        ("top pods", 1, "Metrics API not available"),
        ($"debug deployment/{name} --image=local/host", 1, ""),
        ($"drain node-1 --pod-selector=app={name} --ignore-daemonsets --delete-emptydir-data --force --timeout=60s", 0, "evicted"),
        ("uncordon node-1", 0, "uncordoned"),
        ($"rollout status deployment/{name} --timeout=60s", 0, "successfully rolled out"),
        ($"delete service,configmap {name}", 0, "deleted"),
        ("delete -f web.yaml --timeout=60s", 0, "deleted"),
        ($"wait pods -l app={name} --for=delete --timeout=60s", 0, ""),
        ($"get deployment {name}", 1, "not found"),
    ];

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_directory, file), text);

    private static string Manifest(string name, string word) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{name}}
          labels: {app: {{name}}}
        spec:
          selector: {matchLabels: {app: {{name}} } }
          template:
            metadata:
              labels: {app: {{name}}, sidecar.istio.io/inject: "false"}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: c
                image: local/host
                command:
                - sh
                - -c
                - echo {{word}}; exec sleep 1000
        """;
}
