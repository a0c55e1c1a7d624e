using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>
/// The Services that select a pod, what its Sidecar says of its ports, and what its callers must speak -> what is known about
/// the ports of its application.
/// </summary>
internal static class InboundTranslator
{
    public static InboundConfig Translate(Workload workload, IEnumerable<Service> servicesOfNamespace, PeerPolicy peers, SidecarEntry? sidecar)
    {
        var ports = new SortedDictionary<int, InboundPort>();
        foreach (var service in Selecting(workload, servicesOfNamespace))
            foreach (var port in service.Ports)
                if (TargetPort(workload, port) is { } target)
                    ports.TryAdd(target, Port(service, port, target));
        foreach (var listener in sidecar?.Rule.Spec.Ingress ?? [])
            if (listener.Port is { Number: > 0 and <= 65535 } port) ports[(int)port.Number] = Port(ports.GetValueOrDefault((int)port.Number), port);
        return new InboundConfig { Ports = [.. ports.Values], MutualTls = peers.Mode, MutualTlsByPort = peers.ByPort.Items };
    }

    /// <summary>The Services that select this pod, the oldest first: it names a port that several claim.</summary>
    public static IEnumerable<Service> Selecting(Workload workload, IEnumerable<Service> services) =>
        services.Where(service => service.Key.Namespace == workload.Key.Namespace && !service.Selector.IsEmpty
                && service.Kind != ServiceKind.ExternalName && workload.Labels.Satisfies(service.Selector))
            .OrderBy(service => service.Created)
            .ThenBy(service => service.Key);

    /// <summary>The pod's port behind a Service port; null when the pod has no port of that name.</summary>
    public static int? TargetPort(Workload workload, ServicePort port)
    {
        if (port.TargetPortName.Length == 0) return port.TargetPort;
        foreach (var named in workload.NamedPorts)
            if (named.Name == port.TargetPortName) return named.Port;
        return null;
    }

    // Which Service it belongs to stays; what is spoken there the Sidecar knows better.
    private static InboundPort Port(InboundPort? known, SidecarPort port)
    {
        var number = (int)port.Number!;
        var protocol = ProtocolSelection.Parse(port.Protocol ?? "") ?? ProtocolSelection.Select(number, port.Name, null);
        return (known ?? new InboundPort { Port = number }) with { Protocol = protocol };
    }

    private static InboundPort Port(Service service, ServicePort port, int target) => new()
    {
        Port = target,
        Protocol = port.Protocol,
        Service = service.Host,
        ServiceName = service.Key.Name,
        ServiceNamespace = service.Key.Namespace,
        ServicePort = port.Port,
    };
}
