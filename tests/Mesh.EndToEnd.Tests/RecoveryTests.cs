using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>Parts die by SIGKILL: traffic that can flow does, and status comes back.</summary>
[Collection(MeshCollection.Name)]
public sealed class RecoveryTests(RunningMesh running)
{
    private static readonly TimeSpan Restart = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Traffic_flows_without_the_operator_and_a_new_one_takes_up_the_work()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("all-v1.yaml");
        mesh.WaitFor("Programmed", "virtualservice/reviews");
        var killed = Kill(mesh, "operator/Mesh.Operator");
        Assert.All(mesh.Reviews(100), version => Assert.Equal("v1", version));
        await Eventually.True(() => mesh.Processes("operator/Mesh.Operator").Any(id => !killed.Contains(id)), "a new operator runs", Restart);
        await Eventually.True(() => mesh.TryKubectl(["apply", "-f", Repository.Path("config/samples/split-50-50.yaml")]).ExitCode == 0, "admission answers again", Restart);
        await Eventually.True(() => Programmed(mesh), "the new operator's status is true for the new generation", Restart);
        Assert.Equal(["v1", "v3"], mesh.Reviews(100).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_sidecar_comes_back_with_the_config_in_force()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("all-v1.yaml");
        mesh.WaitFor("Programmed", "virtualservice/reviews");
        var pod = mesh.Pod("productpage");
        Kill(mesh, "Mesh.Sidecar", $"POD_NAME={pod}");
        await Eventually.True(() => mesh.Exec(pod, "productpage", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://reviews:9080/reviews/0").Output.Trim() == "200", "the sidecar serves again", Restart);
        Assert.All(mesh.Reviews(50), version => Assert.Equal("v1", version));
        await Eventually.True(() => Programmed(mesh), "status counts it again", Restart);
    }

    [Fact]
    public async Task An_application_that_dies_is_restarted_and_joins_again()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("all-v1.yaml");
        mesh.WaitFor("Programmed", "virtualservice/reviews");
        var pod = mesh.Pod("reviews");
        Kill(mesh, "Mesh.Bookinfo", $"POD_NAME={pod}");
        await Eventually.True(() => mesh.Get($"pod/{pod}")["status"]?["containerStatuses"]?.AsArray().Any(c => (int?)c?["restartCount"] > 0) == true, "the container is restarted", Restart);
        await Eventually.True(() => mesh.Reviews(20).All(version => version == "v1"), "reviews v1 answers again", Restart);
    }

    [Fact]
    public async Task Pods_may_come_and_go_without_a_failed_request()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("all-v1.yaml");
        mesh.WaitFor("Programmed", "virtualservice/reviews");
        mesh.Kubectl("scale", "deployment/reviews-v1", "--replicas=2");
        mesh.Kubectl("rollout", "status", "deployment/reviews-v1", "--timeout=90s");
        Assert.All(mesh.Reviews(50), version => Assert.Equal("v1", version));
        mesh.Kubectl("scale", "deployment/reviews-v1", "--replicas=1");
        Assert.All(mesh.Reviews(300), version => Assert.Equal("v1", version));
        mesh.Kubectl("rollout", "status", "deployment/reviews-v1", "--timeout=90s");
        await Eventually.True(() => mesh.Kubectl("get", "pods", "-l", "app=reviews,version=v1", "-o", "name").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 1, "the second pod is gone", Restart);
    }

    private static IReadOnlyList<int> Kill(LocalMesh mesh, params string[] words)
    {
        var processes = mesh.Processes(words);
        Assert.True(processes.Count > 0, $"no process of this mesh has {string.Join(" and ", words)} in its command line");
        foreach (var id in processes) ProcessTable.Kill(id);
        return processes;
    }

    private static bool Programmed(LocalMesh mesh)
    {
        var rule = mesh.Get("virtualservice/reviews");
        var condition = mesh.Condition("virtualservice/reviews", "Programmed");
        return (string?)condition?["status"] == "True" && (long?)condition["observedGeneration"] == (long?)rule["metadata"]?["generation"];
    }
}
