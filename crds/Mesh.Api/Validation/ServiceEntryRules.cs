using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Ports and members of a ServiceEntry.</summary>
internal static class ServiceEntryRules
{
    /// <summary>Ports; names and numbers are unique.</summary>
    public static void Ports(FindingList found, ServiceEntrySpec spec)
    {
        var numbers = new HashSet<int>();
        for (var i = 0; i < spec.Ports.Count; i++)
        {
            var (port, path) = (spec.Ports[i], $"spec.ports[{i}]");
            if (!string.IsNullOrEmpty(port.Name))
                AddressRules.PortName(found, path + ".name", port.Name);
            Protocols.Check(found, path + ".protocol", port.Protocol);
            if (port.Number is { } number && !numbers.Add(number))
                found.Error(path + ".number", number, "Another port has this number.", "List each number once.");
            if (port.TargetPort is { } target && spec.Resolution is null or "NONE")
                found.Warning(path + ".targetPort", port.TargetPort, "With resolution NONE connections go to the port the client addressed.", "Remove it, or choose another resolution.");
            if (spec.Addresses.Count == 0 && !IsGivenOne(spec) && string.IsNullOrEmpty(port.Protocol?.Replace("TCP", "", StringComparison.OrdinalIgnoreCase)))
                found.Warning(path + ".protocol", port.Protocol, "What is neither HTTP nor TLS can only be told by its address, and the entry has none: every such connection to this port is taken for it.",
                    "Add addresses, choose a resolution other than NONE (the mesh then gives an address out), or say the protocol if it is HTTP or TLS.", FindingCodes.ServiceEntryAddressesRequired);
        }
    }

    // The mesh gives an address to each host whose members it knows.
    private static bool IsGivenOne(ServiceEntrySpec spec) => spec.Resolution is { Length: > 0 } and not "NONE" && !spec.Hosts.Any(HostPattern.IsWildcard);

    /// <summary>Members, by how they are found.</summary>
    public static void Endpoints(FindingList found, ServiceEntrySpec spec)
    {
        if (spec is { Resolution: null or "NONE", Endpoints.Count: > 0 })
            found.Error("spec.endpoints", spec.Endpoints.Count, "With resolution NONE there are no endpoints: connections go where the client meant them to.", "Make resolution STATIC or DNS, or remove them.");
        if (spec is { Resolution: "DNS_ROUND_ROBIN", Endpoints.Count: > 1 })
            found.Error("spec.endpoints", spec.Endpoints.Count, "DNS_ROUND_ROBIN has one endpoint at most.", "Make resolution DNS, or keep one.");
        // Without members the hosts themselves are looked up.
        if (spec is { Resolution: "DNS" or "DNS_ROUND_ROBIN", Endpoints.Count: 0, WorkloadSelector: null })
        {
            for (var i = 0; i < spec.Hosts.Count; i++)
            {
                if (HostPattern.IsWildcard(spec.Hosts[i] ?? "") && spec.Hosts[i] != "*")
                    found.Error($"spec.hosts[{i}]", spec.Hosts[i], "A wildcard cannot be looked up.", "Add endpoints, or write the full name.");
            }
        }

        for (var i = 0; i < spec.Endpoints.Count; i++)
            Endpoint(found, $"spec.endpoints[{i}]", spec, spec.Endpoints[i]);
    }

    /// <summary>Hosts that are looked up as requests ask for them.</summary>
    public static void DynamicDns(FindingList found, ServiceEntrySpec spec, ObjectHead head)
    {
        if (spec.Resolution != "DYNAMIC_DNS")
            return;
        for (var i = 0; i < spec.Hosts.Count; i++)
        {
            if (!HostPattern.IsWildcard(spec.Hosts[i] ?? ""))
                found.Error($"spec.hosts[{i}]", spec.Hosts[i], "DYNAMIC_DNS is for names that are not known beforehand.", "Write *.example.com, or make resolution DNS.");
        }

        if (spec.Endpoints.Count > 0)
            found.Error("spec.endpoints", spec.Endpoints.Count, "With DYNAMIC_DNS the names asked for are looked up.", "Remove them.");
        if (spec.Addresses.Count > 0)
            found.Error("spec.addresses", string.Join(", ", spec.Addresses), "With DYNAMIC_DNS the names asked for are looked up.", "Remove them.");
        if (spec.WorkloadSelector is not null)
            found.Error("spec.workloadSelector", null, "With DYNAMIC_DNS the names asked for are looked up.", "Remove it.");
        for (var i = 0; i < spec.Ports.Count; i++)
        {
            if (!Protocols.IsHttp(spec.Ports[i].Protocol) && !Protocols.IsTls(spec.Ports[i].Protocol))
                found.Error($"spec.ports[{i}].protocol", spec.Ports[i].Protocol, "Only HTTP and TLS tell the name asked for.", "Write HTTP or TLS.");
        }

        if (spec.Location == "MESH_INTERNAL" && head.Labels.ContainsKey(MeshLabels.UseWaypoint))
            found.Error("spec.location", spec.Location, "A waypoint cannot look up names of the mesh itself.", $"Make it MESH_EXTERNAL, or remove the label {MeshLabels.UseWaypoint}.");
    }

    private static void Endpoint(FindingList found, string path, ServiceEntrySpec spec, WorkloadEntrySpec endpoint)
    {
        var byName = spec.Resolution is "DNS" or "DNS_ROUND_ROBIN";
        if (byName && AddressRules.IsUnix(endpoint.Address))
        {
            found.Error(path + ".address", endpoint.Address, "A socket is not looked up with DNS.", "Make resolution STATIC.");
            return;
        }

        if (AddressRules.IsUnix(endpoint.Address) && spec.Ports.Count != 1)
            found.Error(path + ".address", endpoint.Address, "A socket serves one port; this service has others.", "Write one object for each port.");
        WorkloadEntryRules.Check(found, path, endpoint, namesAllowed: byName);
        foreach (var name in endpoint.Ports.Keys)
        {
            if (!spec.Ports.Any(port => port.Name == name))
                found.Error($"{path}.ports[{name}]", name, "The service has no port of this name.", Spelling.Suggestion(name, spec.Ports.Select(port => port.Name ?? "").Where(known => known.Length > 0)));
        }
    }
}
