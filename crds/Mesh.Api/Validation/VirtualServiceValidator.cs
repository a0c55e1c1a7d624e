using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>
/// Everything that can be said about a VirtualService by looking at it alone. Enters an entity as stored; leaves findings
/// with path, value and remedy, all at once; never an exception, never a look at other objects (that is analysis).
/// </summary>
public static class VirtualServiceValidator
{
    /// <summary>What is wrong with an object, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(V1VirtualService entity) =>
        Validate(entity.Spec, entity.Metadata?.NamespaceProperty, ResourceNames.Of(entity));

    /// <summary>The same for a spec, with what else is known of the object.</summary>
    public static IReadOnlyList<Finding> Validate(VirtualServiceSpec spec, ObjectHead head) =>
        Validate(spec, head.Namespace, head.Resource);

    /// <summary>The same for a spec of a namespace; findings then name no object unless told which.</summary>
    public static IReadOnlyList<Finding> Validate(VirtualServiceSpec spec, string? space, string resource = "")
    {
        var found = new FindingList(resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        var isDelegate = spec.Hosts.Count == 0;
        // A list of gateways without the word mesh takes the object out of the sidecars.
        var onGatewaysOnly = spec.Gateways.Count > 0 && !spec.Gateways.Contains(MeshNames.MeshGateway);
        if (isDelegate)
            Delegate(found, spec);
        CommonRules.Gateways(found, "spec.gateways", spec.Gateways);
        if (Hosts(found, spec, onGatewaysOnly))
            Overlaps(found, spec.Hosts);
        if (spec.Http.Count == 0 && spec.Tls.Count == 0 && spec.Tcp.Count == 0)
            found.Error("spec", null, "There is no rule.", "Add at least one rule to http, tls or tcp.");
        for (var i = 0; i < spec.Http.Count; i++)
            HttpRouteRules.Check(found, $"spec.http[{i}]", spec.Http[i], isDelegate, onGatewaysOnly);
        for (var i = 0; i < spec.Tls.Count; i++)
            ConnectionRules.Check(found, $"spec.tls[{i}]", spec.Tls[i], spec.Hosts, onGatewaysOnly);
        for (var i = 0; i < spec.Tcp.Count; i++)
            ConnectionRules.Check(found, $"spec.tcp[{i}]", spec.Tcp[i]);
        CommonRules.ExportTo(found, "spec.exportTo", spec.ExportTo, space);
        Reachability.Check(found, spec);
        return found.ToList();
    }

    private static void Delegate(FindingList found, VirtualServiceSpec spec)
    {
        const string Remedy = "Remove it, or give the object hosts of its own.";
        if (spec.Gateways.Count > 0)
            found.Error("spec.gateways", string.Join(", ", spec.Gateways), "An object without hosts is a delegate, and a delegate holds wherever its root does.", Remedy);
        if (spec.Tls.Count > 0)
            found.Error("spec.tls", null, "An object without hosts is a delegate, and only http rules can be delegated.", Remedy);
        if (spec.Tcp.Count > 0)
            found.Error("spec.tcp", null, "An object without hosts is a delegate, and only http rules can be delegated.", Remedy);
    }

    private static bool Hosts(FindingList found, VirtualServiceSpec spec, bool onGatewaysOnly)
    {
        var fine = true;
        var bySni = spec.Tls.Any(t => t.Match.Any(m => m.SniHosts.Count > 0));
        for (var i = 0; i < spec.Hosts.Count; i++)
        {
            var host = spec.Hosts[i];
            var path = $"spec.hosts[{i}]";
            var problem = onGatewaysOnly ? ConnectionRules.GatewayHostProblem(host, bySni) : DnsNames.WildcardProblem(host);
            if (problem is not null && !DnsNames.IsAddress(host))
            {
                found.Error(path, host, $"This is no host: {problem}.", "Write a service's name such as reviews, a full name, or one with a leading wildcard such as *.example.com.");
                fine = false;
            }
            else if (problem is not null && !onGatewaysOnly)
            {
                found.Warning(path, host, "Sidecars find rules by host name, so an address matches nobody in the mesh.", "Write the service's name, or bind the object to gateways only.");
            }
            else if (!onGatewaysOnly && host == "*")
            {
                found.Error(path, host, "In the mesh, rules for every host at once are not allowed.", "Name the hosts, or bind the object to gateways only.");
                fine = false;
            }
        }

        return fine;
    }

    private static void Overlaps(FindingList found, IReadOnlyList<string> hosts)
    {
        for (var i = 0; i < hosts.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (HostPattern.Overlap(hosts[i], hosts[j]))
                    found.Error($"spec.hosts[{i}]", hosts[i], $"This overlaps {hosts[j]}, which is listed before it.", "List only one of them.");
            }
        }
    }
}
