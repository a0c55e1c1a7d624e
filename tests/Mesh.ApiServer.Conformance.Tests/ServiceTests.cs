using System.Text.Json.Nodes;
using Mesh.ApiServer.Conformance.Tests.Servers;
using Mesh.Testing;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>Services: addresses, defaults, refusals, and the slices made for them.</summary>
public sealed class ServiceTests(ServerPool servers) : Behaviour(servers)
{
    private string Services => Core + "/services";

    [Theory, OnEveryServer]
    public async Task A_service_gets_an_address_and_keeps_it(ServerKind on)
    {
        await OnAsync(on);
        var made = await Api.MustAsync("POST", Services, Samples.Service("s"));
        var spec = made["spec"]!;
        Assert.Equal(("ClusterIP", "None", "Cluster", "TCP", 80), (
            spec["type"]!.ToString(), spec["sessionAffinity"]!.ToString(), spec["internalTrafficPolicy"]!.ToString(), spec["ports"]![0]!["protocol"]!.ToString(), spec["ports"]![0]!["targetPort"]!.GetValue<int>()));
        Assert.Equal(spec["clusterIP"]!.ToString(), spec["clusterIPs"]![0]!.ToString());
        var put = await Api.MustAsync("PUT", Services + "/s", Samples.Service("s"));
        Assert.Equal(spec["clusterIP"]!.ToString(), put["spec"]!["clusterIP"]!.ToString());
        var moved = await Api.SendAsync("PATCH", Services + "/s", JsonNode.Parse("""{"spec":{"clusterIP":"10.255.255.1","clusterIPs":["10.255.255.1"]}}"""), "application/merge-patch+json");
        Assert.Equal(422, moved.Status);
    }

    [Theory, OnEveryServer]
    public async Task A_headless_service_has_none(ServerKind on)
    {
        await OnAsync(on);
        var made = await Api.MustAsync("POST", Services, Samples.Service("s", ",\"clusterIP\":\"None\""));
        Assert.Equal(("None", "None"), (made["spec"]!["clusterIP"]!.ToString(), made["spec"]!["clusterIPs"]![0]!.ToString()));
    }

    [Theory, OnEveryServer]
    public async Task A_node_port_is_of_the_range_and_one_services_alone(ServerKind on)
    {
        await OnAsync(on);
        var made = await Api.MustAsync("POST", Services, Samples.Service("s", ",\"type\":\"NodePort\""));
        var port = made["spec"]!["ports"]![0]!["nodePort"]!.GetValue<int>();
        Assert.InRange(port, 30000, 32767);
        var second = Samples.Service("t", ",\"type\":\"NodePort\"");
        second["spec"]!["ports"]![0]!["nodePort"] = port;
        var taken = await Api.SendAsync("POST", Services, second);
        Assert.Equal(422, taken.Status);
        Assert.Contains("port is already allocated", taken.Message, StringComparison.Ordinal);
    }

    [Theory]
    [OnEveryServer("""{"ports":[]}""", "FieldValueRequired spec.ports: Required value")]
    [OnEveryServer("""{"ports":[{"port":0}]}""", "FieldValueInvalid spec.ports[0].port: Invalid value: 0")]
    [OnEveryServer("""{"ports":[{"port":1},{"port":2}]}""", "FieldValueRequired spec.ports[0].name: Required value")]
    [OnEveryServer("""{"ports":[{"port":1,"name":"a"},{"port":2,"name":"a"}]}""", "FieldValueDuplicate spec.ports[1].name: Duplicate value: \"a\"")]
    [OnEveryServer("""{"type":"Some","ports":[{"port":1}]}""", "FieldValueNotSupported spec.type: Unsupported value: \"Some\"")]
    [OnEveryServer("""{"type":"ExternalName"}""", "FieldValueRequired spec.externalName: Required value")]
    public async Task A_service_that_cannot_be_is_refused_with_its_field(ServerKind on, string spec, string cause)
    {
        await OnAsync(on);
        var refused = await Api.SendAsync("POST", Services, JsonNode.Parse($$$"""{"metadata":{"name":"bad"},"spec":{{{spec}}} }"""));
        Assert.Equal((422, "Invalid"), (refused.Status, refused.Reason));
        Assert.Contains(refused.Causes, found => found.StartsWith(cause, StringComparison.Ordinal));
    }

    [Theory, OnEveryServer]
    public async Task Its_slices_follow_its_pods(ServerKind on)
    {
        await OnAsync(on);
        NeedsControllers();
        await AccountAsync();
        await Api.MustAsync("POST", Services, Samples.Service("s"));
        var pod = Samples.Pod("s");
        pod["spec"]!["nodeSelector"] = new JsonObject { ["conformance"] = "nowhere" };
        await Api.MustAsync("POST", Core + "/pods", pod);
        async Task<JsonNode?> EndpointAsync() => (await Api.MustAsync("GET", $"/apis/discovery.k8s.io/v1/namespaces/{Name}/endpointslices?labelSelector=kubernetes.io/service-name%3Ds"))["items"]!.AsArray()
            .SelectMany(slice => slice!["endpoints"]?.AsArray() ?? []).SingleOrDefault();
        await Api.MergeAsync(Core + "/pods/s/status", """{"status":{"phase":"Running","podIP":"10.200.0.9","podIPs":[{"ip":"10.200.0.9"}]}}""");
        var cold = await Eventually.Is(EndpointAsync, found => found is not null, "an endpoint for the address");
        Assert.Equal(("10.200.0.9", false), (cold!["addresses"]![0]!.ToString(), cold["conditions"]!["ready"]!.GetValue<bool>()));
        await Api.MustAsync("PATCH", Core + "/pods/s/status", JsonNode.Parse("""{"status":{"conditions":[{"type":"Ready","status":"True"}]}}"""), "application/strategic-merge-patch+json");
        var warm = await Eventually.Is(EndpointAsync, found => found?["conditions"]!["ready"]!.GetValue<bool>() == true, "the endpoint is ready");
        Assert.Equal(("Pod", "s"), (warm!["targetRef"]!["kind"]!.ToString(), warm["targetRef"]!["name"]!.ToString()));
        await Api.MustAsync("DELETE", Core + "/pods/s?gracePeriodSeconds=0");
        await Eventually.Is(EndpointAsync, found => found is null, "the endpoint goes");
    }
}
