using k8s;
using k8s.Models;
using Mesh.Local.Controllers;

namespace Mesh.Local.Tests.Controllers;

public sealed class EndpointSlicePlanTests
{
    private static readonly V1Service Web = KubernetesYaml.Deserialize<V1Service>("""
        metadata: {name: web, namespace: default, uid: u1, labels: {app: web}}
        spec: {clusterIP: 10.1.0.5, selector: {app: web}, ports: [{name: http, port: 80, targetPort: http, protocol: TCP}]}
        """);

    private static readonly V1Node Node = KubernetesYaml.Deserialize<V1Node>("{metadata: {name: node-1, labels: {topology.kubernetes.io/zone: a}}}");

    [Fact]
    public void A_ready_pod_is_an_endpoint_with_its_port_node_and_zone()
    {
        var slice = Assert.Single(Build(Pod("p1", ready: true)));
        var endpoint = Assert.Single(slice.Endpoints);
        Assert.Equal((true, true, false), (endpoint.Conditions.Ready, endpoint.Conditions.Serving, endpoint.Conditions.Terminating));
        Assert.Equal(("node-1", "a", "p1"), (endpoint.NodeName, endpoint.Zone, endpoint.TargetRef.Name));
        Assert.Equal(("http", 8080), (slice.Ports[0].Name, slice.Ports[0].Port));
        Assert.Equal("web", EndpointSlicePlan.Labels(Web)["kubernetes.io/service-name"]);
    }

    [Fact]
    public void A_pod_that_is_deleted_serves_but_is_no_longer_ready()
    {
        var pod = Pod("p1", ready: true);
        pod.Metadata.DeletionTimestamp = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var conditions = Build(pod)[0].Endpoints[0].Conditions;
        Assert.Equal((false, true, true), (conditions.Ready, conditions.Serving, conditions.Terminating));
    }

    [Fact]
    public void Pods_that_finished_or_have_no_address_are_none()
    {
        var finished = Pod("p1", ready: false);
        finished.Status.Phase = "Succeeded";
        var waiting = Pod("p2", ready: false);
        waiting.Status.PodIP = null;
        // One slice stays, empty and without ports, so that there is something to watch.
        var slice = Assert.Single(Build(finished, waiting));
        Assert.Empty(slice.Endpoints);
        Assert.Empty(slice.Ports);
    }

    [Fact]
    public void Pods_that_give_a_named_port_different_numbers_are_in_slices_of_their_own()
    {
        var other = Pod("p2", ready: true);
        other.Spec.Containers[0].Ports[0].ContainerPort = 9090;
        var slices = Build(Pod("p1", ready: true), other);
        Assert.Equal([8080, 9090], slices.Select(s => s.Ports[0].Port!.Value).Order());
        Assert.Equal(2, slices.Select(s => s.PortKey).Distinct().Count());
    }

    [Fact]
    public void PublishNotReadyAddresses_makes_every_pod_ready()
    {
        var service = KubernetesYaml.Deserialize<V1Service>(KubernetesYaml.Serialize(Web));
        service.Spec.PublishNotReadyAddresses = true;
        var conditions = EndpointSlicePlan.Build(service, [Pod("p1", ready: false)], _ => Node)[0].Endpoints[0].Conditions;
        Assert.Equal((true, false), (conditions.Ready, conditions.Serving));
    }

    private static IReadOnlyList<EndpointSlicePlan.Wanted> Build(params V1Pod[] pods) => EndpointSlicePlan.Build(Web, pods, name => name == "node-1" ? Node : null);

    private static V1Pod Pod(string name, bool ready) => KubernetesYaml.Deserialize<V1Pod>($$"""
        metadata: {name: {{name}}, namespace: default, uid: {{name}}, labels: {app: web} }
        spec: {nodeName: node-1, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
        status: {phase: Running, podIP: 10.0.0.{{name[1..]}}, conditions: [{type: Ready, status: "{{ready}}"}]}
        """);
}
