using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;
using Mesh.Testing;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>What controllers make of workloads, as objects; pods ask for a node that there is not, so nothing runs.</summary>
public sealed class WorkloadTests(ServerPool servers) : Behaviour(servers)
{
    private string Pods => Core + "/pods?labelSelector=app%3Dweb";

    [Theory, OnEveryServer]
    public async Task A_Deployment_has_a_ReplicaSet_and_that_has_pods(ServerKind on)
    {
        await MakeAsync(on, 2);
        await Eventually.True(async () => (await ItemsAsync(Pods)).Count == 2, "two pods");
        var set = Assert.Single(await ItemsAsync($"/apis/apps/v1/namespaces/{Name}/replicasets"))!;
        var hash = set["metadata"]!["labels"]!["pod-template-hash"]!.ToString();
        Assert.Equal("web-" + hash, set["metadata"]!["name"]!.ToString());
        Assert.Equal(("Deployment", "web", true), (
            set["metadata"]!["ownerReferences"]![0]!["kind"]!.ToString(), set["metadata"]!["ownerReferences"]![0]!["name"]!.ToString(), set["metadata"]!["ownerReferences"]![0]!["controller"]!.GetValue<bool>()));
        Assert.All(await ItemsAsync(Pods), pod =>
        {
            Assert.StartsWith($"web-{hash}-", pod!["metadata"]!["name"]!.ToString(), StringComparison.Ordinal);
            Assert.Equal(hash, pod["metadata"]!["labels"]!["pod-template-hash"]!.ToString());
        });
    }

    [Theory, OnEveryServer]
    public async Task It_says_what_it_has_come_to(ServerKind on)
    {
        await MakeAsync(on, 1);
        var status = await Eventually.Is(
            async () => (await Api.MustAsync("GET", Deployments + "/web"))["status"]!,
            found => found["observedGeneration"]?.GetValue<int>() == 1 && found["replicas"]?.GetValue<int>() == 1 && found["conditions"] is JsonArray { Count: 2 }, "its status");
        var conditions = status["conditions"]!.AsArray().ToDictionary(c => c!["type"]!.ToString(), c => $"{c!["status"]} {c["reason"]}");
        Assert.Equal("False MinimumReplicasUnavailable", conditions["Available"]);
        Assert.StartsWith("True ", conditions["Progressing"], StringComparison.Ordinal);
    }

    [Theory, OnEveryServer]
    public async Task Scaling_makes_and_takes_pods(ServerKind on)
    {
        await MakeAsync(on, 1);
        await Api.MergeAsync(Deployments + "/web/scale", """{"spec":{"replicas":3}}""");
        await Eventually.True(async () => (await ItemsAsync(Pods)).Count == 3, "three pods");
        await Api.MergeAsync(Deployments + "/web/scale", """{"spec":{"replicas":0}}""");
        await Eventually.True(async () => (await ItemsAsync(Pods)).Count == 0, "no pods");
        Assert.Equal("app=web", (await Api.MustAsync("GET", Deployments + "/web/scale"))["status"]!["selector"]!.ToString());
    }

    [Theory, OnEveryServer]
    public async Task A_new_template_is_a_new_ReplicaSet_and_a_revision(ServerKind on)
    {
        await MakeAsync(on, 0);
        await Eventually.True(async () => (await ItemsAsync($"/apis/apps/v1/namespaces/{Name}/replicasets")).Count == 1, "the first set");
        await Api.MergeAsync(Deployments + "/web", """{"spec":{"template":{"metadata":{"annotations":{"again":"yes"}}}}}""");
        await Eventually.True(async () => (await ItemsAsync($"/apis/apps/v1/namespaces/{Name}/replicasets")).Count == 2, "two sets");
        await Eventually.True(
            async () => (await Api.MustAsync("GET", Deployments + "/web"))["metadata"]!["annotations"]?["deployment.kubernetes.io/revision"]?.ToString() == "2", "the second revision");
    }

    [Theory, OnEveryServer]
    public async Task A_selector_that_misses_its_own_template_is_refused(ServerKind on)
    {
        await OnAsync(on);
        var body = Samples.Deployment("web", 0);
        body["spec"]!["selector"]!["matchLabels"]!["app"] = "other";
        var refused = await Api.SendAsync("POST", Deployments, body);
        Assert.Equal(422, refused.Status);
        Assert.Contains(refused.Causes, cause => cause.StartsWith("FieldValueInvalid spec.template.metadata.labels: Invalid value: ", StringComparison.Ordinal) && cause.EndsWith("`selector` does not match template `labels`", StringComparison.Ordinal));
    }

    [Theory, OnEveryServer]
    public async Task A_lost_pod_is_replaced(ServerKind on)
    {
        await MakeAsync(on, 1);
        await Eventually.True(async () => (await ItemsAsync(Pods)).Count == 1, "a pod");
        var first = (await ItemsAsync(Pods))[0]!["metadata"]!["name"]!.ToString();
        await Api.MustAsync("DELETE", $"{Core}/pods/{first}");
        await Eventually.True(async () => (await ItemsAsync(Pods)).Any(pod => pod!["metadata"]!["name"]!.ToString() != first), "another pod");
    }

    [Theory, OnEveryServer]
    public async Task A_StatefulSet_begins_with_number_zero(ServerKind on)
    {
        await OnAsync(on);
        NeedsControllers();
        var set = Nowhere("web", 2);
        set["spec"]!["serviceName"] = "web";
        await Api.MustAsync("POST", $"/apis/apps/v1/namespaces/{Name}/statefulsets", set);
        await Eventually.True(async () => (await ItemsAsync(Pods)).Count == 1, "the first pod");
        // The second waits for the first, which never gets ready here.
        Assert.Equal("web-0", (await ItemsAsync(Pods))[0]!["metadata"]!["name"]!.ToString());
    }

    [Theory, OnEveryServer]
    public async Task A_Job_makes_its_pods_and_labels_them(ServerKind on)
    {
        await OnAsync(on);
        NeedsControllers();
        var job = JsonNode.Parse("""{"metadata":{"name":"once"},"spec":{"template":{"spec":{"restartPolicy":"Never","nodeSelector":{"conformance":"nowhere"},"containers":[{"name":"c","image":"example.invalid/app:1"}]}}}}""");
        await Api.MustAsync("POST", $"/apis/batch/v1/namespaces/{Name}/jobs", job);
        await Eventually.True(async () => (await ItemsAsync(Core + "/pods?labelSelector=batch.kubernetes.io/job-name%3Donce")).Count == 1, "its pod");
    }

    [Theory, OnEveryServer]
    public async Task A_pod_that_fits_no_node_says_so(ServerKind on)
    {
        await OnAsync(on);
        NeedsNodes();
        await AccountAsync();
        var pod = Samples.Pod("web");
        pod["spec"]!["nodeSelector"] = new JsonObject { ["conformance"] = "nowhere" };
        await Api.MustAsync("POST", Core + "/pods", pod);
        var condition = await Eventually.Is(
            async () => (await Api.MustAsync("GET", Core + "/pods/web"))["status"]!["conditions"]?.AsArray().FirstOrDefault(c => c!["type"]!.ToString() == "PodScheduled"), found => found is not null, "the scheduler's word");
        Assert.Equal(("False", "Unschedulable"), (condition!["status"]!.ToString(), condition["reason"]!.ToString()));
    }

    private async Task MakeAsync(ServerKind on, int replicas)
    {
        await OnAsync(on);
        NeedsControllers();
        await AccountAsync();
        await Api.MustAsync("POST", Deployments, Nowhere("web", replicas));
    }

    private static JsonNode Nowhere(string name, int replicas)
    {
        var deployment = Samples.Deployment(name, replicas);
        deployment["spec"]!["template"]!["spec"]!["nodeSelector"] = new JsonObject { ["conformance"] = "nowhere" };
        return deployment;
    }

    private async Task<JsonArray> ItemsAsync(string path) => (await Api.MustAsync("GET", path))["items"]!.AsArray();
}
