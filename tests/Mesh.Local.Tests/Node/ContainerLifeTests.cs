using k8s;
using k8s.Models;
using Mesh.Testing;

namespace Mesh.Local.Tests.Node;

/// <summary>A container from its start to its end, as a kubelet has it: hooks, probes, last words, limits, another image.</summary>
public sealed class ContainerLifeTests
{
    [Fact]
    public async Task The_prestop_hook_runs_before_the_signal_and_both_share_the_grace()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("""
            metadata: {name: hooked}
            spec:
              containers:
              - name: c
                image: local/host
                command: [sh, -c, 'trap "cat /tmp/hook; echo term; exit 0" TERM; while :; do sleep 0.05; done']
                lifecycle: {preStop: {exec: {command: [sh, -c, 'echo stop > /tmp/hook; sleep 0.3; echo over >> /tmp/hook']}}}
            """);
        await node.Ready(pod);
        pod.Update(TestNode.Deleted(pod.Pod, 10));
        await Eventually.True(() => node.Removed.Contains("hooked"), "the pod is removed");
        Assert.True(node.Log(pod, "c") == "stop\nover\nterm", node.Log(pod, "c") + string.Join("\n", node.Events.Select(e => e.Message)));
        Assert.Equal(0, pod.Containers[0].Record.ExitCode);
    }

    [Fact]
    public async Task A_hook_that_outlasts_the_grace_is_cut_short_and_the_container_is_killed()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("{metadata: {name: stuck}, spec: {containers: [{name: c, image: local/host, command: [sh, -c, 'trap : TERM; while :; do sleep 0.05; done'], lifecycle: {preStop: {sleep: {seconds: 100}}}}]}}");
        await node.Ready(pod);
        pod.Update(TestNode.Deleted(pod.Pod, 1));
        await Eventually.True(() => node.Removed.Contains("stuck"), "the pod is removed", TimeSpan.FromSeconds(15));
        var state = pod.Containers[0].Record.State.Terminated;
        Assert.Equal((137, "Error"), (state.ExitCode, state.Reason));
    }

    [Fact]
    public async Task A_failed_poststart_hook_ends_the_container_and_holds_up_those_behind_it()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("""
            metadata: {name: started}
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 1
              containers:
              - {name: first, image: local/host, command: [sleep, '1000'], lifecycle: {postStart: {exec: {command: [sh, -c, 'sleep 0.3; exit 3']}}}}
              - {name: second, image: local/host, command: [sh, -c, 'exit 0']}
            """);
        await node.Until(pod, s => s.Phase == "Failed", "the pod has failed");
        var (first, second) = (pod.Containers[0].Record.State.Terminated, pod.Containers[1].Record.State.Terminated);
        Assert.Equal(137, first.ExitCode);
        Assert.True(second.StartedAt >= first.StartedAt + TimeSpan.FromSeconds(0.3), "the second began after the first one's hook");
        Assert.Contains(node.Events, e => e.Reason == "FailedPostStartHook" && e.Container!.Name == "first");
    }

    [Fact]
    public async Task A_container_says_why_it_ended_by_its_termination_message_or_by_its_log()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("""
            metadata: {name: words}
            spec:
              restartPolicy: Never
              containers:
              - {name: said, image: local/host, command: [sh, -c, 'echo -n because > /dev/termination-log; exit 3']}
              - {name: elsewhere, image: local/host, terminationMessagePath: /run/why, command: [sh, -c, 'echo -n here > /run/why']}
              - {name: logged, image: local/host, terminationMessagePolicy: FallbackToLogsOnError, command: [sh, -c, 'echo last words; exit 4']}
              - {name: silent, image: local/host, command: [sh, -c, 'echo not told; exit 5']}
            """);
        var status = await node.Until(pod, s => s.Phase == "Failed", "all have ended");
        Assert.Equal(["because", "here", "last words\n", null], status!.ContainerStatuses.Select(c => c.State.Terminated.Message));
    }

    [Fact]
    public async Task A_startup_probe_that_never_passes_ends_the_container_with_the_probes_own_grace()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("""
            metadata: {name: slow}
            spec:
              terminationGracePeriodSeconds: 600
              containers:
              - name: c
                image: local/host
                command: [sh, -c, 'trap : TERM; while :; do sleep 0.05; done']
                startupProbe: {tcpSocket: {port: 9}, periodSeconds: 1, failureThreshold: 1, terminationGracePeriodSeconds: 1}
                readinessProbe: {exec: {command: ['true']}}
            """);
        var status = await node.Until(pod, s => s.ContainerStatuses[0].RestartCount == 1, "it was started again", TimeSpan.FromSeconds(20));
        Assert.Equal(137, status!.ContainerStatuses[0].LastState.Terminated.ExitCode);
        Assert.False(status.ContainerStatuses[0].Ready);
        Assert.Contains(node.Events, e => e.Reason == "Unhealthy" && e.Message.StartsWith("Startup probe failed: ", StringComparison.Ordinal));
        Assert.Contains(node.Events, e => e.Reason == "Killing" && e.Message == "Container c failed startup probe, will be restarted");
    }

    [Fact]
    public async Task Another_image_begins_the_container_again_whatever_the_restart_policy()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("{metadata: {name: image}, spec: {restartPolicy: Never, terminationGracePeriodSeconds: 1, containers: [{name: c, image: 'local/host:1', command: [sleep, '1000']}]}}");
        await node.Ready(pod);
        var changed = KubernetesJson.Deserialize<V1Pod>(KubernetesJson.Serialize(pod.Pod));
        changed.Spec.Containers[0].Image = "local/host:2";
        pod.Update(changed);
        var status = await node.Until(pod, s => s.ContainerStatuses[0] is { RestartCount: 1, State.Running: not null }, "it runs again", TimeSpan.FromSeconds(15));
        Assert.Equal("local/host:2", status!.ContainerStatuses[0].Image);
        Assert.Contains(node.Events, e => e.Reason == "Killing" && e.Message == "Container c definition changed, will be restarted");
    }

    [Fact]
    public async Task A_container_over_its_memory_limit_is_killed_and_the_reason_says_so()
    {
        Needs.Netns();
        Needs.Require("netns", Mesh.Local.Node.Containers.Cgroups.Find("mesh-probe").Missing is null, "needs cgroups that can be divided");
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("{metadata: {name: big}, spec: {restartPolicy: Never, containers: [{name: c, image: local/host, command: [python3, -c, 'x = bytearray(200 << 20)'], resources: {limits: {memory: 32Mi}}}]}}");
        var status = await node.Until(pod, s => s.Phase == "Failed", "it was killed", TimeSpan.FromSeconds(20));
        Assert.Equal((137, "OOMKilled"), (status!.ContainerStatuses[0].State.Terminated.ExitCode, status.ContainerStatuses[0].State.Terminated.Reason));
    }

    [Fact]
    public async Task The_active_deadline_ends_a_pod_that_still_initializes()
    {
        await using var node = await TestNode.StartAsync();
        var pod = node.Start("{metadata: {name: late}, spec: {activeDeadlineSeconds: 1, terminationGracePeriodSeconds: 1, initContainers: [{name: i, image: local/host, command: [sleep, '1000']}], containers: [{name: c, image: local/host, command: [sleep, '1000']}]}}");
        var status = await node.Until(pod, s => s.Phase == "Failed", "the deadline has passed");
        Assert.Equal("DeadlineExceeded", status!.Reason);
    }
}
