using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>One workload: an object of its own, or an endpoint of a ServiceEntry.</summary>
internal static class WorkloadEntryRules
{
    /// <summary>Address, ports and labels.</summary>
    public static void Check(FindingList found, string path, WorkloadEntrySpec entry, bool namesAllowed)
    {
        Address(found, path, entry, namesAllowed);
        foreach (var (name, port) in entry.Ports)
        {
            AddressRules.PortName(found, $"{path}.ports[{name}]", name);
            AddressRules.Port(found, $"{path}.ports[{name}]", port);
        }

        CommonRules.Labels(found, path + ".labels", entry.Labels);
    }

    private static void Address(FindingList found, string path, WorkloadEntrySpec entry, bool namesAllowed)
    {
        if (string.IsNullOrEmpty(entry.Address))
        {
            if (string.IsNullOrEmpty(entry.Network))
                found.Error(path + ".address", entry.Address, "A workload needs an address.", "Write its IP or its name.");
            else
                found.Warning(path + ".address", null, $"Without an address it is reached through the gateway of network {entry.Network} only.", "Add its address if there is one.");
        }
        else if (AddressRules.IsUnix(entry.Address))
        {
            AddressRules.Socket(found, path + ".address", entry.Address);
            if (entry.Ports.Count > 0)
                found.Error(path + ".ports", string.Join(", ", entry.Ports.Keys), "A socket has no ports.", "Remove them.");
        }
        else if (!DnsNames.IsAddress(entry.Address) && (!namesAllowed || DnsNames.NameProblem(entry.Address) is not null))
        {
            found.Error(path + ".address", entry.Address, namesAllowed ? "This is neither an address nor a name." : "This is no address; names are looked up with DNS only.", namesAllowed ? "Write an IP, a full name, or unix:///path." : "Write an IP, or make resolution DNS.");
        }
    }
}
