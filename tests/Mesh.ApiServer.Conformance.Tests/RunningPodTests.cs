using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;
using Mesh.Testing;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Pods that run: what a node makes of them, and kubectl's ways into them.</summary>
public sealed class RunningPodTests(ServerPool servers) : Behaviour(servers)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Theory, OnEveryServer]
    public async Task A_pod_runs_is_ready_and_has_an_address(ServerKind on)
    {
        var pod = await RunAsync(on, "sleep 600");
        Assert.NotNull(pod["status"]!["podIP"]);
        var conditions = pod["status"]!["conditions"]!.AsArray().ToDictionary(c => c!["type"]!.ToString(), c => c!["status"]!.ToString());
        foreach (var type in (string[])["PodScheduled", "Initialized", "ContainersReady", "Ready"]) Assert.Equal("True", conditions[type]);
        var container = pod["status"]!["containerStatuses"]![0]!;
        Assert.NotNull(container["state"]!["running"]!["startedAt"]);
        Assert.Equal((true, true, 0), (container["ready"]!.GetValue<bool>(), container["started"]!.GetValue<bool>(), container["restartCount"]!.GetValue<int>()));
    }

    [Theory, OnEveryServer]
    public async Task Its_words_are_its_log(ServerKind on)
    {
        await RunAsync(on, "echo one; echo two; sleep 600");
        await Eventually.True(() => Kubectl("logs p") == "one\ntwo\n", "both lines", Patience);
        Assert.Equal("two\n", Kubectl("logs p --tail=1"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d) one\n", Kubectl("logs p --timestamps"));
    }

    [Theory, OnEveryServer]
    public async Task A_command_runs_in_it_and_its_exit_code_comes_back(ServerKind on)
    {
        await RunAsync(on, "sleep 600");
        Assert.Equal("hello\n", Kubectl("exec p -- echo hello"));
        Assert.Equal("in\n", Kubectl("exec -i p -- cat", "in\n"));
        Assert.Equal(7, Command.Run("kubectl", ["--kubeconfig", Kubeconfig, "-n", Name, "exec", "p", "--", "sh", "-c", "exit 7"]).ExitCode);
    }

    [Theory, OnEveryServer]
    public async Task Files_are_copied_in_and_out(ServerKind on)
    {
        await RunAsync(on, "sleep 600");
        var directory = Directory.CreateTempSubdirectory("mesh-cp-");
        try
        {
            var (from, to) = (Path.Combine(directory.FullName, "from"), Path.Combine(directory.FullName, "to"));
            await File.WriteAllTextAsync(from, new string('x', 300_000));
            Kubectl($"cp {from} p:/tmp/there");
            Kubectl($"cp p:/tmp/there {to}");
            Assert.Equal(300_000, new FileInfo(to).Length);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [OnEveryServer("exit 0", "Succeeded", 0, "Completed")]
    [OnEveryServer("exit 3", "Failed", 3, "Error")]
    public async Task A_pod_that_ends_says_how(ServerKind on, string command, string phase, int code, string reason)
    {
        await StartAsync(on, command, spec => spec["restartPolicy"] = "Never");
        var pod = await PodAsync(found => found["status"]!["phase"]!.ToString() == phase);
        var ended = pod["status"]!["containerStatuses"]![0]!["state"]!["terminated"]!;
        Assert.Equal((code, reason), (ended["exitCode"]!.GetValue<int>(), ended["reason"]!.ToString()));
    }

    [Theory, OnEveryServer]
    public async Task A_container_that_fails_again_and_again_is_held_back(ServerKind on)
    {
        await StartAsync(on, "exit 1");
        var pod = await PodAsync(found => found["status"]!["containerStatuses"]?[0]!["state"]!["waiting"]?["reason"]?.ToString() == "CrashLoopBackOff");
        Assert.Equal(1, pod["status"]!["containerStatuses"]![0]!["lastState"]!["terminated"]!["exitCode"]!.GetValue<int>());
    }

    [Theory, OnEveryServer]
    public async Task A_probe_decides_readiness(ServerKind on)
    {
        await StartAsync(on, "sleep 600", spec => spec["containers"]![0]!["readinessProbe"] =
            JsonNode.Parse("""{"exec":{"command":["test","-e","/tmp/ready"]},"periodSeconds":1}"""));
        await PodAsync(found => found["status"]!["phase"]!.ToString() == "Running");
        Assert.False((await Api.MustAsync("GET", Core + "/pods/p"))["status"]!["containerStatuses"]![0]!["ready"]!.GetValue<bool>());
        Kubectl("exec p -- touch /tmp/ready");
        await PodAsync(Ready);
    }

    [Theory, OnEveryServer]
    public async Task Init_containers_run_in_order_and_sidecars_stay(ServerKind on)
    {
        await StartAsync(on, "cat /steps/order; sleep 600", spec =>
        {
            spec["volumes"] = JsonNode.Parse("""[{"name":"work","emptyDir":{}}]""");
            var mount = """[{"name":"work","mountPath":"/steps"}]""";
            spec["containers"]![0]!["volumeMounts"] = JsonNode.Parse(mount);
            spec["initContainers"] = new JsonArray(
                Init("first", "echo first >> /steps/order", mount),
                Init("side", "echo side >> /steps/order; touch /steps/up; sleep 600", mount, "Always"),
                Init("last", "until test -e /steps/up; do sleep 0.1; done; echo last >> /steps/order", mount));
        });
        await PodAsync(Ready);
        await Eventually.True(() => Kubectl("logs p -c c") == "first\nside\nlast\n", "the order", Patience);
    }

    [Theory, OnEveryServer]
    public async Task A_mounted_ConfigMap_follows_its_object(ServerKind on)
    {
        await StartAsync(on, "sleep 600", spec =>
        {
            spec["volumes"] = JsonNode.Parse("""[{"name":"v","configMap":{"name":"m"}}]""");
            spec["containers"]![0]!["volumeMounts"] = JsonNode.Parse("""[{"name":"v","mountPath":"/v"}]""");
        }, () => Api.MustAsync("POST", Maps, Map("m", "old")));
        await PodAsync(Ready);
        Assert.Equal("old", Kubectl("exec p -- cat /v/k"));
        await Api.MergeAsync(Maps + "/m", """{"data":{"k":"new"}}""");
        await Eventually.True(() => Kubectl("exec p -- cat /v/k") == "new", "the file follows", TimeSpan.FromMinutes(3));
    }

    [Theory, OnEveryServer]
    public async Task A_pod_is_given_its_grace(ServerKind on)
    {
        await StartAsync(on, "trap 'exit 0' TERM; while true; do sleep 0.1; done", spec => spec["terminationGracePeriodSeconds"] = 30);
        await PodAsync(Ready);
        var marked = await Api.MustAsync("DELETE", Core + "/pods/p");
        Assert.Equal(30, marked["metadata"]!["deletionGracePeriodSeconds"]!.GetValue<int>());
        await Eventually.True(async () => (await Api.SendAsync("GET", Core + "/pods/p")).Status == 404, "it ends by itself", TimeSpan.FromSeconds(25));
    }

    [Theory, OnEveryServer]
    public async Task A_rollout_is_waited_for(ServerKind on)
    {
        await OnAsync(on);
        NeedsNodes();
        await AccountAsync();
        await Api.MustAsync("POST", Deployments, Samples.Deployment("web", 2, Image, "sleep 600"));
        Kubectl("rollout status deployment/web --timeout=60s");
        Kubectl("rollout restart deployment/web");
        Kubectl("rollout status deployment/web --timeout=60s");
        Assert.Equal("2", Kubectl("get deployment web -o jsonpath={.status.readyReplicas}"));
    }

    private static JsonNode Init(string name, string command, string mounts, string? restart = null)
    {
        var container = JsonNode.Parse($$"""{"name":"{{name}}","command":["sh","-c","{{command}}"],"volumeMounts":{{mounts}}}""")!;
        if (restart is not null) container["restartPolicy"] = restart;
        return container;
    }

    private static bool Ready(JsonNode pod) => pod["status"]!["conditions"]?.AsArray().Any(c => c!["type"]!.ToString() == "Ready" && c["status"]!.ToString() == "True") == true;

    private async Task<JsonNode> RunAsync(ServerKind on, string command)
    {
        await StartAsync(on, command);
        return await PodAsync(Ready);
    }

    private async Task StartAsync(ServerKind on, string command, Action<JsonNode>? change = null, Func<Task>? before = null)
    {
        await OnAsync(on);
        NeedsNodes();
        await AccountAsync();
        if (before is not null) await before();
        var pod = Samples.Pod("p", Image, command);
        change?.Invoke(pod["spec"]!);
        foreach (var container in pod["spec"]!["initContainers"]?.AsArray() ?? []) container!["image"] = Image;
        await Api.MustAsync("POST", Core + "/pods", pod);
    }

    private Task<JsonNode> PodAsync(Func<JsonNode, bool> wanted) => Eventually.Is(() => Api.MustAsync("GET", Core + "/pods/p"), wanted, "the pod", Patience);
}
