namespace Mesh.Local;

/// <summary>The objects every mesh begins with. Pure.</summary>
internal static class Furniture
{
    public static IEnumerable<Manifest> Build() => Manifests.Parse("""
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
        """, "mesh up");
}
