using System.Globalization;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>What a user breaks on purpose: by command, seen from inside a pod, mended by command.</summary>
[Collection(MeshCollection.Name)]
public sealed class FaultTests(RunningMesh running)
{
    private const string Spread = """
        {apiVersion: v1, kind: Pod, metadata: {name: one, labels: {app: web}}, spec: {nodeName: node-1, terminationGracePeriodSeconds: 1, containers: [{name: web, image: local/host, command: [python3, -m, http.server, "8080"], readinessProbe: {tcpSocket: {port: 8080}}}]}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: two, labels: {app: web}}, spec: {nodeName: node-2, terminationGracePeriodSeconds: 1, containers: [{name: web, image: local/host, command: [python3, -m, http.server, "8080"], readinessProbe: {tcpSocket: {port: 8080}}}]}}
        """;

    [Fact]
    public async Task A_paused_pod_takes_connections_and_answers_only_when_it_runs_on()
    {
        var mesh = await running.Ready();
        var pod = mesh.Pod("details");
        var ip = (string)mesh.Get($"pod/{pod}")["status"]!["podIP"]!;
        Fault(mesh, "pause", $"pod/{pod}");
        try
        {
            Assert.Contains(pod, Fault(mesh, "list"));
            Assert.NotEqual(0, Curl(mesh, mesh.Pod("ratings"), "ratings", ip, 9080, 1).ExitCode);
        }
        finally
        {
            Fault(mesh, "resume", "deploy/details-v1");
        }

        Assert.DoesNotContain(pod, Fault(mesh, "list"));
        Assert.Equal(0, Curl(mesh, mesh.Pod("ratings"), "ratings", ip, 9080, 10).ExitCode);
    }

    [Fact]
    public async Task Whoever_is_not_there_is_named_with_those_who_are()
    {
        var mesh = await running.Ready();
        var pod = mesh.Mesh(["fault", "delay", "10ms", "--name", mesh.Name, "--from", "pod/nobody"]);
        Assert.Equal(2, pod.ExitCode);
        Assert.Contains("no pod nobody in namespace default; pods: details", pod.Error);
        var node = mesh.Mesh(["fault", "node", "off", "node-1", "--name", mesh.Name]);
        Assert.Equal(2, node.ExitCode);
        Assert.Contains("--nodes 2", node.Error);
    }

    [Fact]
    public void Between_two_nodes_a_delay_is_felt_a_cut_separates_and_a_lost_node_comes_back()
    {
        Needs.Netns();
        var directory = Directory.CreateTempSubdirectory("mesh-e2e-").FullName;
        File.WriteAllText(Path.Combine(directory, "spread.yaml"), Spread);
        var mesh = LocalMesh.Start("nodes", ["--nodes", "2"], Path.Combine(directory, "spread.yaml"));
        try
        {
            Assert.Equal("node-1 local-a node-2 local-b", mesh.Kubectl("get", "nodes", "-o", "jsonpath={range .items[*]}{.metadata.name} {.metadata.labels.topology\\.kubernetes\\.io/zone} {end}").Trim());
            var ip = (string)mesh.Get("pod/two")["status"]!["podIP"]!;
            Fault(mesh, "delay", "200ms", "--from", "zone/local-a", "--to", "pod/two");
            Assert.InRange(Seconds(Curl(mesh, "one", "web", ip, 8080, 10)), 0.4, 3);
            Fault(mesh, "remove", "delay-1");
            Fault(mesh, "cut", "--from", "node/node-1", "--to", "node/node-2", "--as", "apart");
            Assert.NotEqual(0, Curl(mesh, "one", "web", ip, 8080, 1).ExitCode);
            Assert.Contains("apart", Fault(mesh, "list"));
            Fault(mesh, "remove", "--all");
            Assert.InRange(Seconds(Curl(mesh, "one", "web", ip, 8080, 10)), 0, 0.39);

            Fault(mesh, "node", "off", "node-2");
            Assert.NotEqual(0, Curl(mesh, "one", "web", ip, 8080, 1).ExitCode);
            Assert.Contains("node/node-2", Fault(mesh, "list"));
            Fault(mesh, "node", "on", "node-2");
            mesh.Kubectl("wait", "--for=jsonpath={.status.containerStatuses[0].restartCount}=1", "pod/two", "--timeout=30s");
            mesh.WaitFor("Ready", "pod/two");
            ip = (string)mesh.Get("pod/two")["status"]!["podIP"]!;
            Assert.Equal(0, Curl(mesh, "one", "web", ip, 8080, 10).ExitCode);
        }
        finally
        {
            mesh.Dispose();
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string Fault(LocalMesh mesh, params string[] words)
    {
        var run = mesh.Mesh(["fault", .. words, "--name", mesh.Name]);
        Assert.True(run.ExitCode == 0, $"mesh fault {string.Join(' ', words)}: exit {run.ExitCode} {run.Error}{run.Output}");
        return run.Output;
    }

    private static CommandResult Curl(LocalMesh mesh, string pod, string container, string ip, int port, int seconds) =>
        mesh.Exec(pod, container, "curl", "-s", "--max-time", seconds.ToString(CultureInfo.InvariantCulture), "-o", "/dev/null", "-w", "%{time_total}", $"http://{ip}:{port}/");

    private static double Seconds(CommandResult run)
    {
        Assert.Equal(0, run.ExitCode);
        return double.Parse(run.Output, CultureInfo.InvariantCulture);
    }
}
