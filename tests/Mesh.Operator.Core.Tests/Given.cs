using System.Globalization;

namespace Mesh.Operator.Core.Tests;

/// <summary>Short ways to write the objects most tests need.</summary>
internal static class Given
{
    public static string Service(string name, string ports, string ns = "default", string ip = "10.0.0.1", string extra = "") => $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}}, namespace: "{{ns}}"}
        spec: {clusterIP: "{{ip}}", selector: {app: "{{name}}"}, ports: [{{ports}}]{{extra}} }
        """;

    /// <summary>A pod with a sidecar.</summary>
    public static string Pod(string name, string labels, string ns = "default", string ip = "10.1.0.1", string extra = "") => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}, namespace: {{ns}}, uid: uid-{{name}}, labels: { {{labels}} }, annotations: {mesh.dev/config: "mesh-{{name}}"}{{extra}} }
        spec: {serviceAccountName: {{name}}, containers: [{name: app}]}
        status: {phase: Running, podIP: "{{ip}}"}
        """;

    /// <summary>A pod whose sidecar has an identity: as the injector makes them now.</summary>
    public static string MutualPod(string name, string labels, string ns = "default", string ip = "10.1.0.1", string excluded = "15012,15020,15021,15090") => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}, namespace: {{ns}}, uid: uid-{{name}}, labels: { {{labels}}, mesh.dev/tls-mode: mutual }, annotations: {mesh.dev/config: "mesh-{{name}}"} }
        spec:
          serviceAccountName: sa-{{name}}
          initContainers: [{name: mesh-init, args: [--include-inbound-ports, "*", --exclude-inbound-ports, "{{excluded}}"]}]
          containers: [{name: app}]
        status: {phase: Running, podIP: "{{ip}}"}
        """;

    public static string Slice(string service, int port, string endpoints, string ns = "default", string portName = "http", string family = "IPv4") => $$"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: {{service}}-{{port}}, namespace: {{ns}}, labels: {kubernetes.io/service-name: "{{service}}"} }
        addressType: {{family}}
        ports: [{name: {{portName}}, port: {{port}}, protocol: TCP}]
        endpoints: [{{endpoints}}]
        """;

    public static string Endpoint(string address, string pod, string conditions = "ready: true, serving: true, terminating: false") =>
        $$"""{addresses: ["{{address}}"], conditions: { {{conditions}} }, targetRef: {kind: Pod, name: "{{pod}}"} }""";

    /// <summary>A VirtualService; the age is in days, the larger the older.</summary>
    public static string VirtualService(string name, string spec, string ns = "default", int age = 1, int generation = 1) =>
        Rule("VirtualService", name, spec, ns, age, generation);

    public static string DestinationRule(string name, string spec, string ns = "default", int age = 1, int generation = 1) =>
        Rule("DestinationRule", name, spec, ns, age, generation);

    public static string ServiceEntry(string name, string spec, string ns = "default", int age = 1, int generation = 1) =>
        Rule("ServiceEntry", name, spec, ns, age, generation);

    public static string WorkloadEntry(string name, string spec, string ns = "default", int age = 1, int generation = 1) =>
        Rule("WorkloadEntry", name, spec, ns, age, generation);

    public static string Sidecar(string name, string spec, string ns = "default", int age = 1, int generation = 1) =>
        Rule("Sidecar", name, spec, ns, age, generation);

    public static string HealthCheck(string name, string spec, string ns = "default", int age = 1, int generation = 1) =>
        Rule("HealthCheck", name, spec, ns, age, generation, "mesh.dev/v1");

    public static string PeerAuthentication(string name, string spec, string ns = "default", int age = 1, int generation = 1) =>
        Rule("PeerAuthentication", name, spec, ns, age, generation, "security.istio.io/v1");

    public static string ProxyConfig(string name, string spec, string ns = "default", int age = 1, int generation = 1) =>
        Rule("ProxyConfig", name, spec, ns, age, generation, "networking.istio.io/v1beta1");

    private static string Rule(string kind, string name, string spec, string ns, int age, int generation, string version = "networking.istio.io/v1")
    {
        var created = new DateTime(2026, 1, 31, 0, 0, 0, DateTimeKind.Utc).AddDays(-age).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return $$"""
            apiVersion: {{version}}
            kind: {{kind}}
            metadata: {name: {{name}}, namespace: {{ns}}, uid: uid-{{name}}, generation: {{generation}}, creationTimestamp: "{{created}}"}
            spec: {{spec}}
            """;
    }
}
