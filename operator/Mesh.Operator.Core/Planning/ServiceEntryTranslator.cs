using System.Collections.Immutable;
using System.Net;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>A ServiceEntry -> one service for each of its hosts.</summary>
internal static class ServiceEntryTranslator
{
    public static ImmutableArray<Service> Translate(EntryItem item, ValueArray<EntryAddress> given)
    {
        var spec = item.Rule.Spec;
        ValueArray<string> addresses = [.. spec.Addresses.Select(Canonical).OfType<string>().Distinct(StringComparer.Ordinal)];
        ValueArray<ServicePort> ports = [.. spec.Ports.Where(port => port.Number is > 0 and <= 65535).Select(Port)];
        ValueArray<EntryMember> members = [.. spec.Endpoints.Select(endpoint => Member(endpoint)).OfType<EntryMember>()];
        return
        [
            .. item.Hosts.Select(host => new Service
            {
                Key = new ObjectKey(item.Rule.Namespace, host),
                Entries = [item.Rule.Key],
                Created = item.Rule.Created,
                Kind = KindOf(spec),
                Addresses = addresses.Count > 0 ? addresses : [.. given.Items.Where(address => address.Host == host).Select(address => address.Value)],
                Selector = LabelSet.Of(spec.WorkloadSelector?.Labels),
                Ports = ports,
                ExportTo = [.. spec.ExportTo],
                IsExternal = spec.Location != "MESH_INTERNAL",
                Members = members,
                SubjectAltNames = [.. spec.SubjectAltNames],
            }),
        ];
    }

    public static ServiceKind KindOf(ServiceEntrySpec spec) => spec.Resolution switch
    {
        "STATIC" => ServiceKind.Static,
        "DNS" => ServiceKind.Dns,
        "DNS_ROUND_ROBIN" => ServiceKind.DnsRoundRobin,
        "DYNAMIC_DNS" => ServiceKind.DynamicDns,
        // Istio gives one that selects workloads the addresses of these, whatever it says.
        _ when spec.WorkloadSelector is { Labels.Count: > 0 } => ServiceKind.Static,
        _ => ServiceKind.Unresolved,
    };

    /// <summary>A workload as a member; null for one that cannot be reached from here.</summary>
    public static EntryMember? Member(WorkloadEntrySpec spec, string name = "")
    {
        // One without address is in another network, and reached through that network's gateway only.
        if (string.IsNullOrEmpty(spec.Address) || (UnixAddress.Is(spec.Address) && UnixAddress.Problem(spec.Address) is not null)) return null;
        return new EntryMember
        {
            Address = IPAddress.TryParse(spec.Address, out var address) ? address.ToString() : UnixAddress.Is(spec.Address) ? spec.Address : spec.Address.ToLowerInvariant().TrimEnd('.'),
            Name = name,
            Ports = [.. spec.Ports.Where(port => port.Value is > 0 and <= 65535).OrderBy(port => port.Key, StringComparer.Ordinal).Select(port => new NamedPort(port.Key, port.Value))],
            Labels = LabelsOf(spec),
            Locality = Locality.Parse(spec.Locality ?? ""),
            Weight = (int)Math.Min(spec.Weight ?? 0, int.MaxValue),
            ServiceAccount = spec.ServiceAccount ?? "",
        };
    }

    // The network is a label like others: failoverPriority may ask for it.
    private static LabelSet LabelsOf(WorkloadEntrySpec spec) => string.IsNullOrEmpty(spec.Network) || spec.Labels.ContainsKey(MeshLabels.TopologyNetwork)
        ? LabelSet.Of(spec.Labels)
        : LabelSet.Of(spec.Labels.Append(new(MeshLabels.TopologyNetwork, spec.Network)));

    private static ServicePort Port(ServiceEntryPort source) => new()
    {
        Port = source.Number ?? 0,
        Name = source.Name ?? "",
        Protocol = Protocol(source),
        TargetPort = source.TargetPort ?? source.Number ?? 0,
    };

    // A protocol that says nothing leaves it to the name, as with a port of a Service.
    private static AppProtocol Protocol(ServiceEntryPort port) =>
        ProtocolSelection.Parse(port.Protocol ?? "") ?? ProtocolSelection.Select(port.Number ?? 0, port.Name, null);

    // One network has one spelling: the bits behind its length mean nothing.
    private static string? Canonical(string address)
    {
        if (IPAddress.TryParse(address, out var single)) return single.ToString();
        var slash = address.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(address.AsSpan(0, slash), out var first)) return null;
        var bytes = first.GetAddressBytes();
        if (!int.TryParse(address.AsSpan(slash + 1), out var length) || length < 0 || length > bytes.Length * 8) return null;
        for (var bit = length; bit < bytes.Length * 8; bit++) bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        var network = new IPAddress(bytes);
        return length == bytes.Length * 8 ? network.ToString() : $"{network}/{length}";
    }
}
