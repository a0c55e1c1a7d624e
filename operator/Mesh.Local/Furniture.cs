using System.Net;

namespace Mesh.Local;

/// <summary>The objects every mesh begins with. Pure.</summary>
internal static class Furniture
{
    public static IEnumerable<Manifest> Build(IPAddress api, int apiPort) => Manifests.Parse($$"""
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
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: kubernetes
          namespace: default
          labels: {kubernetes.io/service-name: kubernetes}
        addressType: IPv4
        endpoints:
        - addresses: ["{{api}}"]
          conditions: {ready: true, serving: true, terminating: false}
        ports:
        - {name: https, port: {{apiPort}}, protocol: TCP}
        """, "mesh up");
}
