using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>
/// The Services that select a pod, what its Sidecar says of its ports, and what its callers must speak -> what is known about
/// the ports of its application.
/// </summary>
internal static class InboundTranslator
{
    public static InboundPlan Translate(Workload workload, IEnumerable<Service> servicesOfNamespace, PeerPolicy peers, SidecarEntry? sidecar, InboundLimits limits)
    {
        var (listed, served) = (Listed(sidecar), Served(workload, servicesOfNamespace));
        var whole = sidecar?.Rule.Spec.InboundConnectionPool;
        var rules = new SortedSet<RuleKey>();
        if (whole is not null || listed.Count > 0) rules.Add(sidecar!.Rule.Key);
        var ports = ImmutableArray.CreateBuilder<InboundPort>();
        // As in Istio: who lists ports has named them all, and the others are as ports that nobody declared.
        foreach (var number in listed.Count > 0 ? [.. listed.Keys] : served.Keys.ToArray())
        {
            var (listener, behind) = (listed.GetValueOrDefault(number), served.GetValueOrDefault(number));
            var port = behind is null ? new InboundPort { Port = number } : Port(behind.Service, behind.Port, number);
            if (listener is not null) port = Told(port, listener, workload);
            var pool = listener?.ConnectionPool ?? whole;
            if (pool is null && behind is not null)
            {
                (pool, var origins) = limits.Find(behind.Service, behind.Port);
                rules.UnionWith(origins);
            }

            ports.Add(limits.Limit(port, pool));
        }

        return new InboundPlan(new InboundConfig { Ports = ports.ToImmutable(), MutualTls = peers.Mode, MutualTlsByPort = peers.ByPort.Items }, [.. rules]);
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

    // The oldest Service names a port that several claim.
    private static SortedDictionary<int, Behind> Served(Workload workload, IEnumerable<Service> servicesOfNamespace)
    {
        var served = new SortedDictionary<int, Behind>();
        foreach (var service in Selecting(workload, servicesOfNamespace))
            foreach (var port in service.Ports)
                if (TargetPort(workload, port) is { } target) served.TryAdd(target, new Behind(service, port));
        return served;
    }

    private static SortedDictionary<int, SidecarIngressListener> Listed(SidecarEntry? sidecar)
    {
        var listed = new SortedDictionary<int, SidecarIngressListener>();
        foreach (var listener in sidecar?.Rule.Spec.Ingress ?? [])
            if (listener.Port is { Number: > 0 and <= 65535 } port) listed[(int)port.Number] = listener;
        return listed;
    }

    // Which Service it belongs to stays; what is spoken there the Sidecar knows better.
    private static InboundPort Told(InboundPort port, SidecarIngressListener listener, Workload workload)
    {
        var endpoint = IngressEndpoint.Of(listener.DefaultEndpoint, workload);
        return port with
        {
            Protocol = ProtocolSelection.Parse(listener.Port!.Protocol ?? "") ?? ProtocolSelection.Select(port.Port, listener.Port.Name, null),
            Endpoint = endpoint,
            // What would come back to the sidecar it does not listen for; the validator says so.
            Bind = listener.CaptureMode == "NONE" && endpoint is not null && !SidecarBinds.ComesBack(listener)
                ? string.IsNullOrEmpty(listener.Bind) ? "0.0.0.0" : listener.Bind : null,
        };
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

    private sealed record Behind(Service Service, ServicePort Port);
}
