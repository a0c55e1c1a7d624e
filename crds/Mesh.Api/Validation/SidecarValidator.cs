using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a Sidecar by looking at it alone.</summary>
public static class SidecarValidator
{
    /// <summary>What is wrong with an object, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(V1Sidecar entity) =>
        Validate(entity.Spec, ObjectHead.Of(entity) with { Resource = ResourceNames.Of(entity) });

    /// <summary>The same for a spec of a namespace; findings then name no object unless told which.</summary>
    public static IReadOnlyList<Finding> Validate(SidecarSpec spec, string? space, string resource = "") =>
        Validate(spec, new ObjectHead { Namespace = space, Resource = resource });

    /// <summary>The same, with what else is known of the object.</summary>
    public static IReadOnlyList<Finding> Validate(SidecarSpec spec, ObjectHead head)
    {
        var found = new FindingList(head.Resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        if (spec.Egress.Count == 0 && spec.Ingress.Count == 0 && spec.InboundConnectionPool is null && spec.OutboundTrafficPolicy is null)
            found.Error("spec", null, "A Sidecar without any listener, pool or policy says nothing.", "Name the services its pods call in egress.");
        EntryRules.Selector(found, "spec.workloadSelector", spec.WorkloadSelector);
        if (spec.WorkloadSelector is { Labels.Count: 0 })
            found.Warning("spec.workloadSelector", null, "The selector names no label, so it selects every pod of the namespace.", "Add labels, or remove the selector.");
        SidecarIngressRules.Check(found, "spec.ingress", spec.Ingress);
        SidecarEgressRules.Check(found, "spec.egress", spec.Egress);
        ConnectionPoolRules.Check(found, "spec.inboundConnectionPool", spec.InboundConnectionPool);
        if (spec.OutboundTrafficPolicy is { EgressProxy: { } proxy } policy)
            EgressProxy(found, "spec.outboundTrafficPolicy", policy.Mode, proxy);
        return found.ToList();
    }

    private static void EgressProxy(FindingList found, string path, string? mode, Destination proxy)
    {
        if (mode != "ALLOW_ANY")
            found.Error(path + ".egressProxy", proxy.Host, "Without ALLOW_ANY nothing goes to unknown destinations, so there is nothing to send there.", "Make mode ALLOW_ANY, or remove it.");
        found.Deprecated(path + ".egressProxy", proxy.Host, "a VirtualService that routes to the egress gateway");
        DestinationRules.Check(found, path + ".egressProxy", proxy);
        if (HostPattern.IsWildcard(proxy.Host ?? "") && proxy.Host != "*")
            found.Error(path + ".egressProxy.host", proxy.Host, "The proxy is one service.", "Write its full name.");
        if (proxy.Port is null)
            found.Error(path + ".egressProxy.port", null, "The port of the proxy is needed.", "Add port.number.");
    }
}
