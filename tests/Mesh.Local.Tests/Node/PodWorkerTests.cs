using k8s;
using k8s.Models;
using Mesh.Testing;

namespace Mesh.Local.Tests.Node;

public sealed class PodWorkerTests
{
    [Fact]
    public async Task Init_containers_run_in_order_and_a_sidecar_that_started_stays_beside_the_application()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("""
            metadata: {name: ordered}
            spec:
              volumes: [{name: shared, emptyDir: {medium: Memory}}]
              initContainers:
              - {name: first, image: local/host, command: [sh, -c, 'echo first >> /shared/order'], volumeMounts: [{name: shared, mountPath: /shared}]}
              - name: beside
                image: local/host
                restartPolicy: Always
                command: [sh, -c, 'echo beside >> /shared/order; trap "echo beside ends; exit 0" TERM; touch /shared/up; while :; do sleep 0.1; done']
                startupProbe: {exec: {command: [test, -e, /shared/up]}, periodSeconds: 1}
                volumeMounts: [{name: shared, mountPath: /shared}]
              - {name: last, image: local/host, command: [sh, -c, 'test -e /shared/up && echo last >> /shared/order'], volumeMounts: [{name: shared, mountPath: /shared}]}
              containers:
              - name: main
                image: local/host
                command: [sh, -c, 'trap "echo main ends; exit 0" TERM; echo main >> /shared/order; cat /shared/order; while :; do sleep 0.1; done']
                volumeMounts: [{name: shared, mountPath: /shared}]
            """);
        await node.Ready(pod);
        await Eventually.True(() => node.Log(pod, "main").Contains("main"), "main has written");
        Assert.Equal("first\nbeside\nlast\nmain", node.Log(pod, "main"));

        pod.Update(TestNode.Deleted(pod.Pod, 5));
        await Eventually.True(() => node.Removed.Contains("ordered"), "the pod is removed");
        Assert.Contains("main ends", node.Log(pod, "main"));
        Assert.Contains("beside ends", node.Log(pod, "beside"));
        Assert.False(Directory.Exists($"{node.Directory}/pods/{pod.Pod.Metadata.Uid}"));
    }

    [Fact]
    public async Task A_mounted_config_map_follows_a_change_of_the_pod_object_and_an_optional_one_may_come_later()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("""
            metadata: {name: mounted, annotations: {a: "1"}}
            spec:
              volumes:
              - {name: config, configMap: {name: late, optional: true}}
              - name: info
                downwardAPI: {items: [{path: annotations, fieldRef: {fieldPath: metadata.annotations}}]}
              containers:
              - name: main
                image: local/host
                command: [sh, -c, 'echo none: $(ls /etc/config); while ! cat /etc/config/key 2>/dev/null; do sleep 0.05; done; echo; until grep a=.2 /etc/info/annotations; do sleep 0.05; done; sleep 1000']
                volumeMounts: [{name: config, mountPath: /etc/config}, {name: info, mountPath: /etc/info}]
            """);
        await node.Ready(pod);
        await Eventually.True(() => node.Log(pod, "main").Contains("none:"), "it runs without the map");
        node.ConfigMaps["late"] = new V1ConfigMap { Data = new Dictionary<string, string> { ["key"] = "value" } };
        var bumped = KubernetesJson.Deserialize<V1Pod>(KubernetesJson.Serialize(pod.Pod));
        bumped.Metadata.Annotations["a"] = "2";
        pod.Update(bumped);
        await Eventually.True(() => node.Log(pod, "main").Contains("value"), "the map is there", TimeSpan.FromSeconds(5));
        await Eventually.True(() => node.Log(pod, "main").Contains("a=\"2\""), "and the annotation", TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task What_cannot_run_is_told_in_status_and_events()
    {
        await using var node = await TestNode.StartAsync();
        var image = node.Start("{metadata: {name: image}, spec: {containers: [{name: c, image: 'nginx:1.27'}]}}");
        var command = node.Start("{metadata: {name: command}, spec: {containers: [{name: c, image: local/host, command: [no-such-thing]}]}}");
        var volume = node.Start("{metadata: {name: volume}, spec: {volumes: [{name: v, configMap: {name: missing}}], containers: [{name: c, image: local/host, command: [sleep, '1000']}]}}");
        await node.Until(image, s => s.ContainerStatuses[0].State.Waiting?.Reason == "ErrImagePull", "unknown image");
        await node.Until(command, s => s.ContainerStatuses[0].State.Waiting?.Reason == "CrashLoopBackOff" && s.ContainerStatuses[0].LastState.Terminated.Reason == "StartError", "unknown command");
        await Eventually.True(() => node.Events.Any(e => e.Pod.Metadata.Name == "volume" && e.Reason == "FailedMount" && e.Message.Contains("missing")), "missing volume");
        Assert.Contains(node.Events, e => e.Pod.Metadata.Name == "image" && e.Message.Contains("no registry"));
        Assert.Contains(node.Events, e => e.Pod.Metadata.Name == "command" && e.Reason == "BackOff");

        node.ConfigMaps["missing"] = new V1ConfigMap();
        await node.Ready(volume);
    }

    [Theory]
    [InlineData("docker.io/istio/examples-bookinfo-details-v1:1.20.3", "curl -sf localhost:9080/details/0", "William Shakespeare")]
    [InlineData("kennethreitz/httpbin", "curl -sf localhost/get?a=b -H x-test:1", "X-Test")]
    [InlineData("docker.io/mccutchen/go-httpbin:v2.15.0", "curl -s -o /dev/null -w %{http_code} localhost:8080/status/418", "418")]
    [InlineData("fortio/fortio:latest_release", "curl -sf -d said localhost:8080/", "said")]
    public async Task Images_of_istios_samples_are_stood_in_for(string image, string command, string answer)
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start($"{{metadata: {{name: sample}}, spec: {{containers: [{{name: sample, image: '{image}'}}, {{name: curl, image: 'curlimages/curl', command: [sh, -c, 'while sleep 0.2; do {command}; echo; done']}}]}}}}");
        await Eventually.True(() => node.Log(pod, "curl").Contains(answer), "the sample answers");
    }

    [Fact]
    public async Task The_echo_of_Istios_samples_listens_where_its_arguments_say()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("{metadata: {name: echo}, spec: {containers: [{name: echo, image: 'docker.io/istio/tcp-echo-server:1.3', args: ['9000,9001', one]}, {name: client, image: local/host, command: [sh, -c, 'while sleep 0.2; do printf \"hello\\nworld\\n\" | curl -s --max-time 1 telnet://localhost:9001; done']}]}}");
        await Eventually.True(() => node.Log(pod, "client").Contains("one hello\none world\n", StringComparison.Ordinal), "each line comes back");
    }

    [Fact]
    public async Task Exit_codes_and_restart_policies_decide_the_phase()
    {
        await using var node = await TestNode.StartAsync();
        var good = node.Start("{metadata: {name: good}, spec: {restartPolicy: Never, containers: [{name: c, image: local/host, command: ['true']}]}}");
        var bad = node.Start("{metadata: {name: bad}, spec: {restartPolicy: Never, containers: [{name: c, image: local/host, command: [sh, -c, 'exit 7']}]}}");
        var again = node.Start("{metadata: {name: again}, spec: {containers: [{name: c, image: local/host, command: [sh, -c, 'exit 3']}]}}");
        var init = node.Start("{metadata: {name: init}, spec: {restartPolicy: Never, initContainers: [{name: i, image: local/host, command: ['false']}], containers: [{name: c, image: local/host, command: ['true']}]}}");
        await node.Until(good, s => s.Phase == "Succeeded", "exit 0 is success");
        var failed = await node.Until(bad, s => s.Phase == "Failed", "exit 7 is failure");
        Assert.Equal(7, failed!.ContainerStatuses[0].State.Terminated.ExitCode);
        await node.Until(init, s => s.Phase == "Failed", "a failed init container fails the pod");
        var looping = await node.Until(again, s => s.ContainerStatuses[0].State.Waiting?.Reason == "CrashLoopBackOff", "restarted, then backed off");
        Assert.Equal(1, looping!.ContainerStatuses[0].RestartCount);
        Assert.Equal("Running", looping.Phase);
    }

    [Fact]
    public async Task Readiness_follows_the_probe_and_a_failing_liveness_probe_restarts_the_container()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("""
            metadata: {name: probed}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: web
                image: local/host
                command: [python3, -m, http.server, '80']
                ports: [{name: http, containerPort: 80}]
                readinessProbe: {httpGet: {port: http}, periodSeconds: 1}
                livenessProbe: {exec: {command: [sh, -c, 'test ! -e /tmp/dead']}, periodSeconds: 1, failureThreshold: 1}
            """);
        await node.Ready(pod);
        var dead = await pod.Containers[0].ExecAsync(["touch", "/tmp/dead"], default);
        Assert.True(dead.Ok, dead.Message);
        await node.Until(pod, s => s.ContainerStatuses[0].RestartCount == 1, "restarted");
        await node.Ready(pod);
        Assert.Contains(node.Events, e => e.Reason == "Unhealthy" && e.Message.StartsWith("Liveness", StringComparison.Ordinal));
    }
}
