using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;
using Mesh.Testing;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Pods as objects: defaults, what may change, binding, eviction. Nothing runs: they ask for a node that there is not.</summary>
public sealed class PodTests(ServerPool servers) : Behaviour(servers)
{
    private string Pods => Core + "/pods";

    [Theory, OnEveryServer]
    public async Task A_pod_is_filled_in(ServerKind on)
    {
        var pod = await MakeAsync(on, "p");
        var spec = pod["spec"]!;
        Assert.Equal(("Always", "ClusterFirst", 30, "default-scheduler", true), (
            spec["restartPolicy"]!.ToString(), spec["dnsPolicy"]!.ToString(), spec["terminationGracePeriodSeconds"]!.GetValue<int>(), spec["schedulerName"]!.ToString(), spec["enableServiceLinks"]!.GetValue<bool>()));
        Assert.Equal(("IfNotPresent", "/dev/termination-log", "File"), (
            spec["containers"]![0]!["imagePullPolicy"]!.ToString(), spec["containers"]![0]!["terminationMessagePath"]!.ToString(), spec["containers"]![0]!["terminationMessagePolicy"]!.ToString()));
        Assert.Equal(("Pending", "BestEffort"), (pod["status"]!["phase"]!.ToString(), pod["status"]!["qosClass"]!.ToString()));
    }

    [Theory]
    [OnEveryServer("""{"spec":{"containers":[]}}""", "FieldValueRequired spec.containers: Required value")]
    [OnEveryServer("""{"spec":{"containers":[{"name":"c"}]}}""", "FieldValueRequired spec.containers[0].image: Required value")]
    [OnEveryServer("""{"spec":{"containers":[{"name":"C","image":"x"}]}}""", "FieldValueInvalid spec.containers[0].name: Invalid value: \"C\"")]
    [OnEveryServer("""{"spec":{"containers":[{"name":"c","image":"x"},{"name":"c","image":"x"}]}}""", "FieldValueDuplicate spec.containers[1].name: Duplicate value: \"c\"")]
    [OnEveryServer("""{"spec":{"restartPolicy":"Sometimes","containers":[{"name":"c","image":"x"}]}}""", "FieldValueNotSupported spec.restartPolicy: Unsupported value: \"Sometimes\"")]
    [OnEveryServer("""{"spec":{"containers":[{"name":"c","image":"x","ports":[{"containerPort":70000}]}]}}""", "FieldValueInvalid spec.containers[0].ports[0].containerPort: Invalid value: 70000")]
    [OnEveryServer("""{"spec":{"containers":[{"name":"c","image":"x","volumeMounts":[{"name":"v","mountPath":"/v"}]}]}}""", "FieldValueNotFound spec.containers[0].volumeMounts[0].name: Not found: \"v\"")]
    public async Task A_pod_that_cannot_be_is_refused_with_its_field(ServerKind on, string pod, string cause)
    {
        await OnAsync(on);
        await AccountAsync();
        var body = JsonNode.Parse(pod)!;
        body["metadata"] = new JsonObject { ["name"] = "bad" };
        var refused = await Api.SendAsync("POST", Pods, body);
        Assert.Equal((422, "Invalid"), (refused.Status, refused.Reason));
        Assert.Contains(refused.Causes, found => found.StartsWith(cause, StringComparison.Ordinal));
    }

    [Theory, OnEveryServer]
    public async Task Little_of_a_pod_may_change(ServerKind on)
    {
        await MakeAsync(on, "p");
        var refused = await Api.SendAsync("PATCH", Pods + "/p", JsonNode.Parse("""{"spec":{"restartPolicy":"Never"}}"""), "application/merge-patch+json");
        Assert.Equal(422, refused.Status);
        Assert.Contains("pod updates may not change fields other than", refused.Message, StringComparison.Ordinal);
        await Api.MustAsync("PATCH", Pods + "/p", JsonNode.Parse("""{"spec":{"containers":[{"name":"c","image":"example.invalid/other"}]}}"""), "application/strategic-merge-patch+json");
        await Api.MergeAsync(Pods + "/p", """{"metadata":{"annotations":{"a":"b"}}}""");
    }

    [Theory, OnEveryServer]
    public async Task An_unbound_pod_goes_at_once(ServerKind on)
    {
        await MakeAsync(on, "p");
        await Api.MustAsync("DELETE", Pods + "/p");
        Assert.Equal(404, (await Api.SendAsync("GET", Pods + "/p")).Status);
    }

    [Theory, OnEveryServer]
    public async Task A_pod_of_no_node_has_no_log_and_runs_nothing(ServerKind on)
    {
        await MakeAsync(on, "p");
        Assert.Equal(204, (await Api.SendAsync("GET", Pods + "/p/log")).Status);
        var unknown = await Api.SendAsync("GET", Pods + "/p/log?container=none");
        Assert.Equal((400, "container none is not valid for pod p"), (unknown.Status, unknown.Message));
    }

    [Theory, OnEveryServer]
    public async Task An_eviction_waits_for_the_budget(ServerKind on)
    {
        await MakeAsync(on, "p");
        await Api.MergeAsync(Pods + "/p/status", """{"status":{"phase":"Running"}}""");
        await Api.MustAsync("POST", $"/apis/policy/v1/namespaces/{Name}/poddisruptionbudgets", JsonNode.Parse("""{"metadata":{"name":"b"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"p"}}}}"""));
        var refused = await Api.SendAsync("POST", Pods + "/p/eviction", JsonNode.Parse("""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}"""));
        Assert.Equal((429, "TooManyRequests"), (refused.Status, refused.Reason));
        await Api.MustAsync("DELETE", $"/apis/policy/v1/namespaces/{Name}/poddisruptionbudgets/b");
        await Eventually.True(async () => (await Api.SendAsync("POST", Pods + "/p/eviction", JsonNode.Parse("""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}"""))).Status == 201, "the eviction is made");
    }

    [Theory, OnEveryServer]
    public async Task A_token_volume_is_mounted_unless_unwanted(ServerKind on)
    {
        await OnAsync(on);
        NeedsControllers();
        await AccountAsync();
        var plain = await Api.MustAsync("POST", Pods, Waiting("p"));
        Assert.Equal("/var/run/secrets/kubernetes.io/serviceaccount", plain["spec"]!["containers"]![0]!["volumeMounts"]![0]!["mountPath"]!.ToString());
        var without = Waiting("q");
        without["spec"]!["automountServiceAccountToken"] = false;
        Assert.Null((await Api.MustAsync("POST", Pods, without))["spec"]!["volumes"]);
    }

    private async Task<JsonNode> MakeAsync(ServerKind on, string name)
    {
        await OnAsync(on);
        await AccountAsync();
        return await Api.MustAsync("POST", Pods, Waiting(name));
    }

    private static JsonNode Waiting(string name)
    {
        var pod = Samples.Pod(name);
        pod["spec"]!["nodeSelector"] = new JsonObject { ["conformance"] = "nowhere" };
        return pod;
    }
}
