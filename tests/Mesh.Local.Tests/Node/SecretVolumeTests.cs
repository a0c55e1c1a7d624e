using k8s.Models;
using Mesh.Testing;

namespace Mesh.Local.Tests.Node;

/// <summary>What proves a pod's identity: kept in memory alone, read by whom it is for, waited for where it is not there yet.</summary>
public sealed class SecretVolumeTests
{
    private const string Meshed = """
        metadata: {name: meshed}
        spec:
          volumes:
          - name: mesh-token
            projected: {sources: [{serviceAccountToken: {path: token, audience: mesh-ca, expirationSeconds: 3600}}]}
          - {name: mesh-data, emptyDir: {medium: Memory}}
          initContainers:
          - name: sidecar
            image: local/host
            restartPolicy: Always
            securityContext: {runAsUser: 1337, runAsGroup: 1337, runAsNonRoot: true}
            command: [sh, -c, 'cat /var/run/secrets/mesh/token; echo; stat -f -c "token on %T" /var/run/secrets/mesh; stat -f -c "data on %T" /data; cat /data/kept 2>/dev/null; echo kept > /data/kept; sleep 1000']
            volumeMounts: [{name: mesh-token, mountPath: /var/run/secrets/mesh}, {name: mesh-data, mountPath: /data}]
          containers:
          - {name: main, image: local/host, command: [sh, -c, 'ls /var/run/secrets/mesh || echo nothing there; sleep 1000']}
        """;

    [Fact]
    public async Task A_token_is_read_by_the_sidecar_alone_and_lies_on_no_disk()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start(Meshed);
        await node.Ready(pod);
        await Eventually.True(() => node.Log(pod, "sidecar").Contains("data on"), "the sidecar has read");
        Assert.Contains("token for mesh-ca", node.Log(pod, "sidecar"), StringComparison.Ordinal);
        Assert.Contains("token on tmpfs", node.Log(pod, "sidecar"), StringComparison.Ordinal);
        await Eventually.True(() => node.Log(pod, "main").Contains("nothing there"), "the application sees no token");
        var files = Directory.GetFiles(node.Directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(path => !path.Contains("/logs/", StringComparison.Ordinal) && !path.EndsWith(".log", StringComparison.Ordinal));
        Assert.DoesNotContain(files, path => File.ReadAllText(path).Contains("token for", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Memory_of_a_pod_is_tmpfs_and_outlives_a_container()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start(Meshed);
        await node.Ready(pod);
        await Eventually.True(() => node.Log(pod, "sidecar").Contains("data on tmpfs"), "statfs says tmpfs");
        await pod.Containers[0].ExecAsync(["kill", "1"], default);
        await pod.Containers[0].ExecAsync(["sh", "-c", "kill -9 -1"], default);
        await node.Until(pod, s => s.InitContainerStatuses[0].RestartCount >= 1, "the sidecar is restarted");
        await Eventually.True(() => node.Log(pod, "sidecar").Contains("\nkept"), "what it wrote before is there");
    }

    [Fact]
    public async Task A_pod_with_a_group_gives_its_token_to_that_group_and_to_no_other()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("""
            metadata: {name: grouped}
            spec:
              securityContext: {fsGroup: 2000}
              volumes:
              - name: mesh-token
                projected: {sources: [{serviceAccountToken: {path: token, audience: mesh-ca}}]}
              containers:
              - name: main
                image: local/host
                securityContext: {runAsUser: 1337, runAsGroup: 1337}
                command: [sh, -c, 'stat -L -c "%a %u %g" /t/token; cat /t/token; echo; sleep 1000']
                volumeMounts: [{name: mesh-token, mountPath: /t}]
            """);
        await node.Ready(pod);
        await Eventually.Is(() => Task.FromResult(node.Log(pod, "main").Trim()), log => log == "640 0 2000\ntoken for mesh-ca", "mode, owner, group and content");
    }

    [Fact]
    public async Task Without_the_meshs_trust_a_pod_waits_and_says_so_as_a_kubelet_does()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("{metadata: {name: early}, spec: {volumes: [{name: mesh-trust, configMap: {name: mesh-root}}], containers: [{name: c, image: local/host, command: [sleep, '1000']}]}}");
        await Eventually.True(() => node.Events.Any(e => e.Reason == "FailedMount"), "it says what it waits for");
        Assert.Equal("MountVolume.SetUp failed for volume \"mesh-trust\" : configmap \"mesh-root\" not found", node.Events.First(e => e.Reason == "FailedMount").Message);
        node.ConfigMaps["mesh-root"] = new V1ConfigMap { Data = new Dictionary<string, string> { ["roots.pem"] = "" } };
        await node.Ready(pod);
        Assert.Single(node.Events, e => e.Reason == "FailedMount");
    }

    [Fact]
    public async Task A_file_below_a_volume_in_memory_can_be_mounted_alone()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("""
            metadata: {name: below}
            spec:
              volumes:
              - name: all
                projected: {sources: [{serviceAccountToken: {path: token, audience: x}}]}
              containers:
              - {name: main, image: local/host, command: [sh, -c, 'cat /one; echo; sleep 1000'], volumeMounts: [{name: all, mountPath: /one, subPath: token}]}
            """);
        await node.Ready(pod);
        await Eventually.True(() => node.Log(pod, "main").Contains("token for x"), "the file is there");
    }
}
