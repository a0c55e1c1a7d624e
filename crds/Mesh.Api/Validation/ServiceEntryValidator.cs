using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Everything that can be said about a ServiceEntry by looking at it alone.</summary>
public static class ServiceEntryValidator
{
    /// <summary>What is wrong with an object, errors first; empty when it is fine.</summary>
    public static IReadOnlyList<Finding> Validate(V1ServiceEntry entity) =>
        Validate(entity.Spec, ObjectHead.Of(entity) with { Resource = ResourceNames.Of(entity) });

    /// <summary>The same for a spec of a namespace; findings then name no object unless told which.</summary>
    public static IReadOnlyList<Finding> Validate(ServiceEntrySpec spec, string? space, string resource = "") =>
        Validate(spec, new ObjectHead { Namespace = space, Resource = resource });

    /// <summary>The same, with what else is known of the object.</summary>
    public static IReadOnlyList<Finding> Validate(ServiceEntrySpec spec, ObjectHead head)
    {
        var found = new FindingList(head.Resource);
        if (SpecRules.Unreadable(found, spec))
            return found.ToList();

        FieldBounds.Check(found, "spec", spec);
        Hosts(found, spec);
        Addresses(found, spec);
        ServiceEntryRules.Ports(found, spec);
        ServiceEntryRules.Endpoints(found, spec);
        ServiceEntryRules.DynamicDns(found, spec, head);
        Selector(found, spec);
        CommonRules.ExportTo(found, "spec.exportTo", spec.ExportTo, head.Namespace, nobodyAllowed: true);

        return found.ToList();
    }

    private static void Hosts(FindingList found, ServiceEntrySpec spec)
    {
        for (var i = 0; i < spec.Hosts.Count; i++)
        {
            var (host, path) = (spec.Hosts[i], $"spec.hosts[{i}]");
            if (host == "*")
                found.Error(path, host, "A service cannot have every name.", "Write a name, or *.example.com for all below one.");
            else if (DnsNames.WildcardProblem(host) is { } problem)
                found.Error(path, host, $"This is no host: {problem}.", "Write a full name, or one with a leading wildcard such as *.example.com.");
            else if (host.StartsWith('*') && !host.StartsWith("*.", StringComparison.Ordinal))
                found.Warning(path, host, "A wildcard that stands for a part of a word is not understood by all that tell hosts apart.", "Write *.example.com.");
        }

        // Requests tell their host, TLS its SNI; plain connections tell neither.
        if (spec.Hosts.Count > 1 && spec.Resolution is not (null or "NONE") && spec.Ports.Any(port => !Protocols.IsHttp(port.Protocol) && !Protocols.IsTls(port.Protocol)))
            found.Error("spec.hosts", string.Join(", ", spec.Hosts), "Several hosts cannot be told apart on a port that speaks neither HTTP nor TLS.", "Write one object for each host, or name the protocols of the ports.");
    }

    private static void Addresses(FindingList found, ServiceEntrySpec spec)
    {
        for (var i = 0; i < spec.Addresses.Count; i++)
        {
            if (!DnsNames.IsSubnet(spec.Addresses[i] ?? ""))
                found.Error($"spec.addresses[{i}]", spec.Addresses[i], "This is neither an address nor a network.", "Write 10.1.2.3 or 10.0.0.0/8.");
            else if (spec.Addresses[i].Contains('/', StringComparison.Ordinal) && spec.Resolution is not (null or "NONE" or "STATIC"))
                found.Error($"spec.addresses[{i}]", spec.Addresses[i], $"With {spec.Resolution} a service has addresses, no networks.", "Write single addresses, or make resolution NONE or STATIC.");
        }

        if (spec is { Addresses.Count: > 0, Hosts.Count: > 1, Resolution: "DNS" or "DNS_ROUND_ROBIN" } && spec.Ports.Any(port => Protocols.IsTls(port.Protocol)))
            found.Warning("spec.addresses", string.Join(", ", spec.Addresses), "Several hosts share these addresses: connections that tell no SNI go to the first host.", "Write one object for each host.");
    }

    private static void Selector(FindingList found, ServiceEntrySpec spec)
    {
        if (spec.WorkloadSelector is null)
            return;
        EntryRules.Selector(found, "spec.workloadSelector", spec.WorkloadSelector);
        if (spec.WorkloadSelector.Labels.Count == 0)
            found.Warning("spec.workloadSelector", null, "The selector names no label, so it selects every workload of the namespace.", "Add labels, or remove the selector.");
        if (spec.Endpoints.Count > 0)
            found.Error("spec.workloadSelector", null, "Members are either selected or listed.", "Keep workloadSelector or endpoints.");
        if (spec.Resolution is null or "NONE")
            found.Warning("spec.workloadSelector", null, "With resolution NONE connections go where the client meant them to, so nobody is selected.", "Make resolution STATIC.");
    }
}
