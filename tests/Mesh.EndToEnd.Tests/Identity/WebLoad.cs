using System.Net;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>A service of several pods and a caller, both meshed, for load that lasts.</summary>
internal static class WebLoad
{
    public const string Manifests = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {istio-injection: enabled}}
        ---
        {apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {selector: {app: web}, ports: [{name: http, port: 9080}]}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 3
          strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web, version: v1}}
            spec:
              serviceAccountName: web
              containers: [{name: web, image: mesh/bookinfo, args: [--service, details], readinessProbe: {httpGet: {port: 9080, path: /health}, periodSeconds: 1}}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: shopper, namespace: shop, labels: {app: shopper}}
        spec:
          terminationGracePeriodSeconds: 1
          containers: [{name: shopper, image: local/host, command: [sleep, infinity]}]
        """;

    /// <summary>Settings by which a certificate lives as long as asked.</summary>
    public static string Lifetime(string ttl) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: mesh, namespace: mesh-system}
        data:
          mesh: |
            trustDomain: cluster.local
            accessLogFile: ""
            defaultConfig:
              proxyMetadata:
                SECRET_TTL: {{ttl}}
        """;

    /// <summary>Applies the workloads and waits for them.</summary>
    public static void Apply(LocalMesh mesh)
    {
        mesh.Apply(Manifests);
        mesh.Kubectl("rollout", "status", "deployment/web", "-n", "shop", "--timeout=120s");
        mesh.Kubectl("wait", "--for=condition=Ready", "pod/shopper", "-n", "shop", "--timeout=60s");
    }

    /// <summary>Requests of the caller to the service.</summary>
    public static HttpLoad Start(LocalMesh mesh, int perSecond, int connections = 16) => HttpLoad.Start(
        mesh.NetworkOf("shopper"), new IPEndPoint(IPAddress.Parse(mesh.Kubectl("get", "service", "web", "-n", "shop", "-o", "jsonpath={.spec.clusterIP}")), 9080),
        "web.shop", "/health", perSecond, connections);
}
