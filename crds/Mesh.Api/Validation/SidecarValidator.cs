using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a Sidecar by looking at it alone.</summary>
public static class SidecarValidator
{
    /// <summary>What is wrong with an object, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(V1Sidecar entity) =>
        Validate(entity.Spec, entity.Metadata?.NamespaceProperty, ResourceNames.Of(entity));

    /// <summary>The same for a spec of a namespace; findings then name no object unless told which.</summary>
    public static IReadOnlyList<Finding> Validate(SidecarSpec spec, string? space, string resource = "")
    {
        var found = new FindingList(resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        if (spec.Egress.Count == 0 && spec.Ingress.Count == 0 && spec.InboundConnectionPool is null && spec.OutboundTrafficPolicy is null)
            found.Error("spec", null, "A Sidecar without any listener, pool or policy says nothing.", "Name the services its pods call in egress.");
        if (spec.OutboundTrafficPolicy?.EgressProxy is { } proxy)
            found.Deprecated("spec.outboundTrafficPolicy.egressProxy", proxy.Host, "a VirtualService that routes to the egress gateway");
        return found.ToList();
    }
}
