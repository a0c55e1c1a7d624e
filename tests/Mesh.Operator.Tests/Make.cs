using k8s.Models;
using Mesh.Api;
using Mesh.Api.Networking;

namespace Mesh.Operator.Tests;

/// <summary>Objects as users and controllers would make them.</summary>
internal static class Make
{
    public static V1Namespace Namespace(string name) => new() { Metadata = new V1ObjectMeta { Name = name } };

    /// <summary>A pod as the injector leaves it.</summary>
    public static V1Pod MeshedPod(string name, string app, string version, string @namespace = "default") => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            NamespaceProperty = @namespace,
            Labels = new Dictionary<string, string> { ["app"] = app, ["version"] = version },
            Annotations = new Dictionary<string, string> { [MeshLabels.Config] = "mesh-" + name },
        },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "app", Image = "local/host", Command = ["sleep", "1"] }] },
    };

    public static V1Service Service(string name, int port = 9080) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" },
        Spec = new V1ServiceSpec { Selector = new Dictionary<string, string> { ["app"] = name }, Ports = [new V1ServicePort { Name = "http", Port = port }] },
    };

    public static V1EndpointSlice Slice(string service, params string[] addresses) => new()
    {
        Metadata = new V1ObjectMeta { Name = service + "-1", NamespaceProperty = "default", Labels = new Dictionary<string, string> { [MeshLabels.ServiceName] = service } },
        AddressType = "IPv4",
        Ports = [new Discoveryv1EndpointPort { Name = "http", Port = 9080, Protocol = "TCP" }],
        Endpoints = [.. addresses.Select(a => new V1Endpoint { Addresses = [a], Conditions = new V1EndpointConditions { Ready = true, Serving = true } })],
    };

    public static V1VirtualService VirtualService(string name, string host, string? timeout = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" },
        Spec = new VirtualServiceSpec
        {
            Hosts = [host],
            Http = [new HttpRoute { Timeout = timeout is null ? null : Duration.Parse(timeout), Route = [new HttpRouteDestination { Destination = new Destination { Host = host } }] }],
        },
    };
}
