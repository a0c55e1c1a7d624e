using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using k8s.Models;

namespace Mesh.Local.Controllers;

/// <summary>A service's EndpointSlices from the pods its selector finds. Pure.</summary>
internal static class EndpointSlicePlan
{
    public const string ServiceLabel = "kubernetes.io/service-name";
    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";
    public const string ManagedBy = "endpointslice-controller.k8s.io";
    private const int MostEndpoints = 1000;

    public static ImmutableArray<V1EndpointSlice> Build(V1Service service, IEnumerable<V1Pod> pods, Func<string, V1Node?> node)
    {
        var usable = pods
            .Where(p => LabelMatch.Holds(service.Spec.Selector, p.Metadata.Labels) && p.Status?.PodIP is { Length: > 0 } && !PodTemplates.IsFinished(p))
            .OrderBy(p => p.Metadata.Name, StringComparer.Ordinal)
            .ToList();
        // Pods may give a named port different numbers: each set of numbers is a slice of its own.
        return
        [
            .. usable.Select(p => (Pod: p, Ports: Ports(service, p)))
                .GroupBy(p => string.Join(',', p.Ports.Select(port => $"{port.Name}:{port.Protocol}:{port.Port}")))
                .SelectMany(group => group.Chunk(MostEndpoints).Select((chunk, index) => Slice(service, chunk[0].Ports, $"{group.Key}#{index}", chunk.Select(c => c.Pod), node))),
        ];
    }

    private static V1EndpointSlice Slice(V1Service service, List<Discoveryv1EndpointPort> ports, string distinction, IEnumerable<V1Pod> pods, Func<string, V1Node?> node)
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>())
        {
            [ServiceLabel] = service.Metadata.Name,
            [ManagedByLabel] = ManagedBy,
        };
        if (service.Spec.ClusterIP == "None") labels["service.kubernetes.io/headless"] = "";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{service.Metadata.Uid}/{distinction}"));
        return new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta
            {
                Name = $"{service.Metadata.Name}-{Convert.ToHexStringLower(hash, 0, 4)}",
                NamespaceProperty = service.Metadata.NamespaceProperty,
                Labels = labels,
                OwnerReferences = [PodTemplates.Owner(service, "v1", "Service")],
            },
            AddressType = "IPv4",
            Ports = ports,
            Endpoints = [.. pods.Select(p => Endpoint(service, p, node))],
        };
    }

    private static V1Endpoint Endpoint(V1Service service, V1Pod pod, Func<string, V1Node?> node)
    {
        var ready = PodTemplates.IsReady(pod);
        var terminating = pod.Metadata.DeletionTimestamp is not null;
        string? zone = null;
        node(pod.Spec.NodeName ?? "")?.Metadata.Labels?.TryGetValue("topology.kubernetes.io/zone", out zone);
        return new V1Endpoint
        {
            Addresses = [pod.Status.PodIP],
            Conditions = new V1EndpointConditions
            {
                Ready = service.Spec.PublishNotReadyAddresses == true || (ready && !terminating),
                Serving = ready,
                Terminating = terminating,
            },
            Hostname = pod.Spec.Subdomain == service.Metadata.Name && !string.IsNullOrEmpty(pod.Spec.Hostname) ? pod.Spec.Hostname : null,
            NodeName = pod.Spec.NodeName,
            Zone = zone,
            TargetRef = new V1ObjectReference
            {
                Kind = "Pod",
                Name = pod.Metadata.Name,
                NamespaceProperty = pod.Metadata.NamespaceProperty,
                Uid = pod.Metadata.Uid,
            },
        };
    }

    private static List<Discoveryv1EndpointPort> Ports(V1Service service, V1Pod pod) =>
    [
        .. (service.Spec.Ports ?? [])
            .Select(port => (port, Number: Number(port, pod)))
            .Where(p => p.Number is not null)
            .Select(p => new Discoveryv1EndpointPort
            {
                Name = p.port.Name ?? "",
                Port = p.Number,
                Protocol = p.port.Protocol ?? "TCP",
                AppProtocol = p.port.AppProtocol,
            }),
    ];

    private static int? Number(V1ServicePort port, V1Pod pod)
    {
        if (string.IsNullOrEmpty(port.TargetPort?.Value)) return port.Port;
        if (int.TryParse(port.TargetPort.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        return pod.Spec.Containers.Concat(pod.Spec.InitContainers?.Where(c => c.RestartPolicy == "Always") ?? [])
            .SelectMany(c => c.Ports ?? [])
            .FirstOrDefault(p => p.Name == port.TargetPort.Value && (p.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))?.ContainerPort;
    }
}
