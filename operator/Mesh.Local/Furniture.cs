using System.Text.Json.Nodes;
using Mesh.Local.Node.Network;

namespace Mesh.Local;

/// <summary>The objects every mesh begins with. Pure.</summary>
internal static class Furniture
{
    public static IEnumerable<Manifest> Build(string node, AddressPlan plan, int apiPort) => Manifests.Parse($$"""
        apiVersion: v1
        kind: Namespace
        metadata: {name: mesh-system}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: istio-system}
        ---
        # Mesh-wide settings: Istio's MeshConfig.
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: mesh, namespace: mesh-system}
        data:
          mesh: |
            trustDomain: cluster.local
            accessLogFile: /dev/stdout
            outboundTrafficPolicy:
              mode: ALLOW_ANY
        ---
        apiVersion: v1
        kind: Node
        metadata:
          name: {{node}}
          labels:
            kubernetes.io/hostname: {{node}}
            kubernetes.io/os: linux
            topology.kubernetes.io/region: local
            topology.kubernetes.io/zone: local-a
        spec:
          podCIDR: {{plan.Pods}}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: kubernetes
          namespace: default
          labels: {kubernetes.io/service-name: kubernetes}
        addressType: IPv4
        endpoints:
        - addresses: ["{{plan.Node}}"]
          conditions: {ready: true, serving: true, terminating: false}
        ports:
        - {name: https, port: {{apiPort}}, protocol: TCP}
        """, "mesh up");

    public static JsonObject NodeStatus(AddressPlan plan, DateTime now) => new()
    {
        ["status"] = new JsonObject
        {
            ["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = plan.Node.ToString() }),
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Ready",
                ["status"] = "True",
                ["reason"] = "KubeletReady",
                ["message"] = "the node agent of mesh up runs",
                ["lastTransitionTime"] = now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            }),
            ["capacity"] = Capacity(),
            ["allocatable"] = Capacity(),
            ["nodeInfo"] = new JsonObject
            {
                ["kubeletVersion"] = "mesh",
                ["operatingSystem"] = "linux",
                ["osImage"] = "this machine",
                ["kernelVersion"] = Environment.OSVersion.Version.ToString(),
                ["containerRuntimeVersion"] = "mesh://0.1.0",
                ["architecture"] = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64",
                ["machineID"] = "",
                ["systemUUID"] = "",
                ["bootID"] = "",
                ["kubeProxyVersion"] = "",
            },
        },
    };

    private static JsonObject Capacity() => new()
    {
        ["cpu"] = Environment.ProcessorCount.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["memory"] = $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024}Ki",
        ["pods"] = "1000",
    };
}
