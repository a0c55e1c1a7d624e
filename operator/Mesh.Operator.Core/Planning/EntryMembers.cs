using System.Collections.Immutable;
using System.Net;
using Mesh.Api.Validation;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>Members that no EndpointSlice tells of: endpoints of a ServiceEntry, WorkloadEntries, pods it selects.</summary>
internal sealed class EntryMembers(MeshSnapshot snapshot, ImmutableSortedSet<string> labelKeys, PeerBook peers, Service service, SelectedMembers.Found selected)
{
    // Where nobody wrote a weight all are equal; where some did, Istio counts the others as 1.
    private readonly ImmutableArray<EntryMember> written =
        [.. service.Members.Items, .. selected.Entries.Select(entry => ServiceEntryTranslator.Member(entry.Spec, entry.Name)).OfType<EntryMember>()];

    public IEnumerable<Endpoint> Of(ServicePort port)
    {
        foreach (var member in written)
            if (member.IsBehind(port) && IsReachable(member.Address)) yield return Member(member, port);
        foreach (var pod in selected.Pods)
            if (InboundTranslator.TargetPort(pod, port) is { } target) yield return Member(pod, target);
        if (written.IsEmpty && service.Selector.IsEmpty && ResolvesNames && !HostPattern.IsWildcard(service.Host))
            yield return new Endpoint { Address = service.Host, Port = port.TargetPort, Namespace = service.Key.Namespace };
    }

    private bool ResolvesNames => service.Kind is ServiceKind.Dns or ServiceKind.DnsRoundRobin;

    // A name leads nowhere where names are not resolved.
    private bool IsReachable(string address) => ResolvesNames || IPAddress.TryParse(address, out _);

    private Endpoint Member(EntryMember member, ServicePort port) => new()
    {
        Address = member.Address,
        Port = member.PortFor(port),
        Weight = Math.Max(1, member.Weight),
        Workload = member.Name,
        Namespace = service.Key.Namespace,
        ServiceAccount = member.ServiceAccount,
        Region = member.Region,
        Zone = member.Zone,
        SubZone = member.SubZone,
        Labels = EndpointTranslator.Wanted(member.Labels, labelKeys, member.Region, member.Zone),
    };

    private Endpoint Member(Workload pod, int target)
    {
        var node = pod.NodeName.Length == 0 ? null : snapshot.Nodes.GetValueOrDefault(pod.NodeName);
        return new Endpoint
        {
            Address = pod.Addresses[0],
            Port = target,
            Pod = pod.Key.Name,
            Workload = pod.WorkloadName,
            Namespace = pod.Key.Namespace,
            ServiceAccount = pod is { HasIdentity: true } ? pod.ServiceAccount : "",
            MutualTls = !service.IsExternal && pod is { HasIdentity: true } && pod.Capture.Captures(target) && peers.For(pod).Policy.ModeOf(target) != MutualTlsMode.Disable,
            Zone = node?.Zone ?? "",
            Labels = EndpointTranslator.Wanted(pod.Labels, labelKeys, node?.Region ?? "", node?.Zone ?? ""),
        };
    }
}
