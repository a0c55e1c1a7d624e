using k8s;
using k8s.Models;
using Mesh.Local.Node.Network;

namespace Mesh.Local.Tests.Node;

public sealed class ServiceRulesTests
{
    private static readonly V1Service Web = KubernetesYaml.Deserialize<V1Service>("""
        metadata: {name: web, namespace: default, uid: u1}
        spec: {clusterIP: 10.1.0.5, ports: [{name: http, port: 80, targetPort: 8080, protocol: TCP}]}
        """);

    [Fact]
    public void Each_ready_endpoint_gets_its_share_by_chance()
    {
        var rules = ServiceRules.Render([Web], [Slice("10.0.0.1", "10.0.0.2", "10.0.0.3")]);
        Assert.Contains("-d 10.1.0.5/32 -p tcp -m tcp --dport 80 -j MESH-SVC-", rules);
        Assert.Contains("--probability 0.3333333333 ", rules);
        Assert.Contains("--probability 0.5000000000 ", rules);
        Assert.Equal(3, rules.Split("--to-destination 10.0.0.").Length - 1);
    }

    [Fact]
    public void A_pod_that_reaches_itself_by_its_service_is_masqueraded() =>
        Assert.Contains("-s 10.0.0.1/32 -j MARK --set-xmark 0x4000/0x4000", ServiceRules.Render([Web], [Slice("10.0.0.1")]));

    [Fact]
    public void A_service_without_endpoints_refuses_at_once() =>
        Assert.Contains("-A MESH-REFUSED -d 10.1.0.5/32 -p tcp -m tcp --dport 80 -j REJECT --reject-with tcp-reset", ServiceRules.Render([Web], []));

    [Fact]
    public void Unready_endpoints_get_nothing_unless_they_only_end_and_no_other_is_left()
    {
        var ending = Slice("10.0.0.1");
        ending.Endpoints[0].Conditions = new V1EndpointConditions { Ready = false, Serving = true, Terminating = true };
        Assert.Contains("10.0.0.1:8080", ServiceRules.Render([Web], [ending]));
        var both = Slice("10.0.0.1", "10.0.0.2");
        both.Endpoints[0].Conditions = ending.Endpoints[0].Conditions;
        Assert.DoesNotContain("10.0.0.1:8080", ServiceRules.Render([Web], [both]));
    }

    [Fact]
    public void Headless_and_external_services_have_no_rules()
    {
        var headless = KubernetesYaml.Deserialize<V1Service>("{metadata: {name: h, namespace: default}, spec: {clusterIP: None, ports: [{port: 80}]}}");
        var external = KubernetesYaml.Deserialize<V1Service>("{metadata: {name: e, namespace: default}, spec: {type: ExternalName, externalName: example.com}}");
        Assert.Equal(ServiceRules.Render([], []), ServiceRules.Render([headless, external], []));
    }

    [Fact]
    public void The_order_of_objects_does_not_matter()
    {
        var other = KubernetesYaml.Deserialize<V1Service>("{metadata: {name: a, namespace: default, uid: u2}, spec: {clusterIP: 10.1.0.6, ports: [{port: 80, protocol: TCP}]}}");
        Assert.Equal(ServiceRules.Render([Web, other], [Slice("10.0.0.1", "10.0.0.2")]), ServiceRules.Render([other, Web], [Slice("10.0.0.2", "10.0.0.1")]));
    }

    private static V1EndpointSlice Slice(params string[] addresses) => new()
    {
        Metadata = new V1ObjectMeta { Name = "web-1", NamespaceProperty = "default", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "web" } },
        AddressType = "IPv4",
        Ports = [new Discoveryv1EndpointPort { Name = "http", Port = 8080, Protocol = "TCP" }],
        Endpoints = [.. addresses.Select(a => new V1Endpoint { Addresses = [a], Conditions = new V1EndpointConditions { Ready = true, Serving = true, Terminating = false } })],
    };
}
