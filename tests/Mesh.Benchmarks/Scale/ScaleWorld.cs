using System.Net;

namespace Mesh.Benchmarks.Scale;

/// <summary>
/// The objects: twenty Services a namespace, seen from everywhere (no Sidecar narrows what a proxy is told); half of them at port 80, the others at three more
/// ports; a fifth of them with a VirtualService and a DestinationRule of two subsets.
/// </summary>
internal static class ScaleWorld
{
    private const int ServicesOfEach = 20;
    private static readonly int[] Ports = [80, 8080, 80, 9080, 80, 9090];

    public static int Namespaces(int services) => (services + ServicesOfEach - 1) / ServicesOfEach;

    public static string Namespace(int number) => $"team-{number}";

    public static string NamespaceOf(int service) => Namespace(service / ServicesOfEach);

    public static string Name(int service) => $"svc-{service}";

    public static bool HasRules(int service) => service % 5 == 0;

    public static string ServicePath(int service) => $"api/v1/namespaces/{NamespaceOf(service)}/services/{Name(service)}";

    public static string Service(int service) =>
        $"{{apiVersion: v1, kind: Service, metadata: {{name: {Name(service)}}}, spec: {{selector: {{app: {Name(service)}}}, ports: [{{name: http, port: {Port(service)}, targetPort: 8080}}]}}}}";

    public static string RulePath(string plural, int service) => $"apis/networking.istio.io/v1/namespaces/{NamespaceOf(service)}/{plural}/{Name(service)}";

    /// <param name="service">Whose.</param>
    /// <param name="mark">A header's value, by which this state of the rule is told from others.</param>
    public static string VirtualService(int service, string mark) => $$$$"""
        {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: {{{{Name(service)}}}}}, spec: {hosts: [{{{{Name(service)}}}}], http: [
         {match: [{uri: {prefix: /a}}], timeout: 2s, route: [{destination: {host: {{{{Name(service)}}}}, subset: v2}}]},
         {headers: {request: {set: {x-mark: "{{{{mark}}}}"}}}, route: [{destination: {host: {{{{Name(service)}}}}, subset: v1}, weight: 90}, {destination: {host: {{{{Name(service)}}}}, subset: v2}, weight: 10}]}]}}
        """;

    public static string DestinationRule(int service) =>
        $"{{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {{name: {Name(service)}}}, spec: {{host: {Name(service)}, subsets: [{{name: v1, labels: {{version: v1}}}}, {{name: v2, labels: {{version: v2}}}}]}}}}";

    public static string SlicePath(int service) => $"apis/discovery.k8s.io/v1/namespaces/{NamespaceOf(service)}/endpointslices/{Name(service)}";

    public static string Slice(int service, IEnumerable<(string Pod, IPAddress Address)> members) => $$$"""
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: {name: {{{Name(service)}}}, labels: {kubernetes.io/service-name: {{{Name(service)}}}}},
         ports: [{name: http, port: 8080, protocol: TCP}],
         endpoints: [{{{string.Join(", ", members.Select(member => $"{{addresses: [{member.Address}], conditions: {{ready: true, serving: true, terminating: false}}, targetRef: {{kind: Pod, namespace: {NamespaceOf(service)}, name: {member.Pod}}}}}"))}}}]}
        """;

    private static int Port(int service) => Ports[service % Ports.Length];
}
