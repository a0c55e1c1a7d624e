using System.Collections.Immutable;
using System.Globalization;
using k8s.Models;

namespace Mesh.Local.Controllers;

/// <summary>What a service's EndpointSlices are to hold, from the pods its selector finds. Pure.</summary>
internal static class EndpointSlicePlan
{
    public const string ServiceLabel = "kubernetes.io/service-name";
    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";
    public const string ManagedBy = "endpointslice-controller.k8s.io";
    public const string Headless = "service.kubernetes.io/headless";
    public const string TriggerTime = "endpoints.kubernetes.io/last-change-trigger-time";
    private const int MostEndpoints = 1000;

    /// <summary>One list of endpoints with the ports they share; a service without any still has one, empty.</summary>
    public sealed record Wanted(ImmutableArray<Discoveryv1EndpointPort> Ports, ImmutableArray<V1Endpoint> Endpoints)
    {
        public string PortKey => KeyOf(Ports);
    }

    public static ImmutableArray<Wanted> Build(V1Service service, IEnumerable<V1Pod> pods, Func<string, V1Node?> node)
    {
        // Pods may give a named port different numbers: each set of numbers is a slice of its own.
        var slices = Usable(service, pods).Select(p => (Pod: p, Ports: Ports(service, p)))
            .GroupBy(p => KeyOf(p.Ports), StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .SelectMany(group => group.Chunk(MostEndpoints).Select(chunk => new Wanted(chunk[0].Ports, [.. chunk.Select(c => Endpoint(service, c.Pod, node))])))
            .ToImmutableArray();
        return slices.IsEmpty ? [new Wanted([], [])] : slices;
    }

    public static IEnumerable<V1Pod> Usable(V1Service service, IEnumerable<V1Pod> pods) => pods
        .Where(p => LabelMatch.Holds(service.Spec.Selector, p.Metadata.Labels) && p.Status?.PodIP is { Length: > 0 } && !PodTemplates.IsFinished(p))
        .OrderBy(p => p.Metadata.Name, StringComparer.Ordinal);

    public static string KeyOf(IEnumerable<Discoveryv1EndpointPort> ports) =>
        string.Join(',', ports.Select(port => $"{port.Name}:{port.Protocol}:{port.Port}:{port.AppProtocol}").Order(StringComparer.Ordinal));

    public static Dictionary<string, string> Labels(V1Service service)
    {
        var labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>())
        {
            [ServiceLabel] = service.Metadata.Name,
            [ManagedByLabel] = ManagedBy,
        };
        labels.Remove(Headless);
        if (service.Spec.ClusterIP == "None") labels[Headless] = "";
        return labels;
    }

    public static ImmutableArray<Discoveryv1EndpointPort> Ports(V1Service service, V1Pod pod) =>
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

    public static string? Hostname(V1Service service, V1Pod pod) =>
        pod.Spec.Subdomain == service.Metadata.Name && !string.IsNullOrEmpty(pod.Spec.Hostname) ? pod.Spec.Hostname : null;

    public static V1ObjectReference Target(V1Pod pod) => new()
    {
        Kind = "Pod",
        Name = pod.Metadata.Name,
        NamespaceProperty = pod.Metadata.NamespaceProperty,
        Uid = pod.Metadata.Uid,
    };

    private static V1Endpoint Endpoint(V1Service service, V1Pod pod, Func<string, V1Node?> node)
    {
        var ready = PodTemplates.IsReady(pod);
        var terminating = PodTemplates.IsTerminating(pod);
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
            Hostname = Hostname(service, pod),
            NodeName = string.IsNullOrEmpty(pod.Spec.NodeName) ? null : pod.Spec.NodeName,
            Zone = zone,
            TargetRef = Target(pod),
        };
    }

    private static int? Number(V1ServicePort port, V1Pod pod)
    {
        if (string.IsNullOrEmpty(port.TargetPort?.Value)) return port.Port;
        if (int.TryParse(port.TargetPort.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        return pod.Spec.Containers.Concat(pod.Spec.InitContainers?.Where(c => c.RestartPolicy == "Always") ?? [])
            .SelectMany(c => c.Ports ?? [])
            .FirstOrDefault(p => p.Name == port.TargetPort.Value && (p.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))?.ContainerPort;
    }
}
